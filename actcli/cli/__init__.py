"""The command line, and the only package that imports typer, prints or exits."""
