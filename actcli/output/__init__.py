"""Tables of numbers written as bytes: one writer per format, each fed chunk by chunk."""
