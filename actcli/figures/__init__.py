"""Figures from data, and the only package that imports matplotlib; it does not use pyplot."""
