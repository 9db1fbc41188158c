"""Approximations of a function with a proved error: polynomials, rationals, linear pieces, tables."""
