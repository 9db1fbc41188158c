"""From a table of numbers to bytes: one writer for each format, all of them fed chunk by chunk."""
