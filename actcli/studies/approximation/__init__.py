"""Something simpler in a function's place, with a proved error: polynomials, rationals, linear pieces, tables."""
