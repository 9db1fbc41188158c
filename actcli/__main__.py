"""python -m actcli."""

from actcli.cli.app import main

main()
