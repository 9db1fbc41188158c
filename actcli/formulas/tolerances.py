"""Tolerances that more than one module uses, each with its reason; those of one algorithm stand in its module."""

#: The largest difference in ulp between a result of the faithful tier and the correctly rounded one, for value, slope
#: and second derivative: each is one of the two float64 next to the true value. Contract tests check every function.
FAITHFUL = (1, 1, 1)

#: The same for the fast tier, less the effect of one rounding of x, which near a zero of the result is many ulp.
FAST = (4, 8, 4)

#: A fast result this close, in ulp, to a tie between two short floats is recomputed exactly. This is much more than
#: FAST, since a fast result near a zero has a larger error.
NEAR_A_TIE = 256

#: A pair of float64 is accepted if its error is proved to be below PROVED * UNIT * |result|, where UNIT * |result| is
#: 1/2 to 1 ulp. With the half ulp that rounding adds the error stays below 1 ulp, even below the smaller one next to a
#: power of two.
PROVED = 0.45

#: From this |x| on, a value that balls do not decide is taken as the limit: exp(x) is beyond every float64 there, and a
#: formula of such numbers differs from its limit by less than the precision of the balls.
FAR = 1024.0

#: A ball with this many exact bits that still contains a boundary between two answers is taken as the boundary, as
#: 30*(1/30) is taken as 1.
ON_THE_BOUNDARY = 1000

#: Two results this close count as roundings of one value, in ulp of the result plus the effect of an ulp of x.
SAME_ULPS = 16

#: The error allowed to a float64 evaluation, in the same unit; larger differences are evaluated exactly.
NOISE_ULPS = 256

#: An activation is saturated where |slope| is below this, so that it passes almost no gradient back.
SATURATED = 0.01
