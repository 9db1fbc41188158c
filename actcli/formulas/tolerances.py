"""Tolerances that more than one module relies on, each with its reason; those of one algorithm stand at its head."""

#: No result of the faithful tier is further from the correctly rounded one than this, in ulp: it is one of the two
#: neighbours of the truth. Value, slope, second derivative; the contract tests hold every function to it.
FAITHFUL = (1, 1, 1)

#: The same for the fast tier, measured after allowing for one rounding of x: next to a zero of the result that rounding
#: alone changes the result by many ulp.
FAST = (4, 8, 4)

#: Short floats are settled exactly where a fast result is this close to a tie, in ulp: far more than FAST, as a fast
#: result next to a zero is further off.
NEAR_A_TIE = 256

#: A pair of float64 stands for the result if its error is proved to be below this much of UNIT times the result, which
#: is half an ulp just above a power of two and a whole one just below the next: with the half ulp that rounding adds,
#: and next to a power of two half the smaller ulp, that stays below 1 ulp.
PROVED = 0.45

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
