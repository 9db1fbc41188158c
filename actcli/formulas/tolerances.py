"""Every tolerance of the numerics, with its reason; `formula.py` shows where each is applied."""

#: No float64 result is further from the truth than this, in ulp: value, slope, second derivative. The contract tests
#: hold every kernel to it, and short floats are settled exactly where a result is this close to a tie.
BAR = (4, 8, 4)

#: A result of a formula in float64 or in pairs stands if its error is proved to be below this, in ulp: less than any
#: entry of BAR, so that a formula never decides whether the bar is met.
PROVED = 3.4

#: From this |x| on, what balls leave undecided takes the limit: there exp(x) is beyond every float64, and whatever a
#: formula still computes from such numbers differs from its limit by less than the precision of the balls.
FAR = 1024.0

#: A ball this exact, in bits, which still holds a boundary between two answers lies on it, as 30*(1/30) lies on 1.
ON_THE_BOUNDARY = 1000

#: Two results this close (ulp of the result, plus what an ulp of x changes) are two roundings of one function.
SAME_ULPS = 16

#: What the float64 evaluation may err, in the same measure; beyond it a difference is worth an exact look.
NOISE_ULPS = 256

#: An activation is saturated where its slope is smaller than this: almost nothing flows back.
SATURATED = 0.01
