"""Figures: data in, a matplotlib Figure out. The only package that imports matplotlib, and never pyplot."""
