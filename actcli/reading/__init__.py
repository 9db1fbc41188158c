"""Numbers from arguments, files and standard input, in blocks that fit in memory whatever the size of the input.

A source has `blocks()`, which yields pieces of its raw data in order at little cost, and `parse(block)`, which gives
the numbers of a block as float64 (from an array file: in the file's type) and may run in another process. Elementwise
functions get one-dimensional arrays of numbers, row functions rows × width. Before a wait for the next piece
`blocks()` yields None.

Text is parsed by orjson if it looks like JSON numbers, else by float(), else token by token. All three give the same
numbers; only the last, to which every invalid text is passed, reports the place of an error.
"""
