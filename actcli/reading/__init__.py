"""Numbers from arguments, files and standard input, in blocks that fit in memory whatever the size of the whole.

A source gives `blocks()`, pieces of its raw data in order and cheap to make, and `parse(block)`, the float64 (or, from
an array file, the file's own type) numbers in one of them, which depends on nothing but the block and may run in
another process. Elementwise functions get the numbers one-dimensional, row functions as rows × width. Where the next
piece would have to be waited for, `blocks()` gives a None first.

Text is parsed by orjson where it looks like JSON numbers, else by float(), else token by token; the three agree, and
only the last, which all trouble ends up in, knows how to say where the trouble is.
"""
