"""Completion scripts for shells, generated from the commands and the registry; Tab does not start Python."""
