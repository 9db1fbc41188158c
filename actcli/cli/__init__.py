"""The command line: parse, call, write. The only place that imports typer, prints, or exits."""
