"""Completion scripts for shells, generated from the app and the registry; static, so that Tab never starts Python."""
