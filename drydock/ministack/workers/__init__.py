"""Lambda workers mended: forked from a process that has imported what functions use, not started from nothing.

MiniStack 1.5.33 starts an interpreter for each worker, half a second of the processor where Lambda's own takes less,
and unpacks each worker's layers anew, a quarter of a second for five hundred files.
"""
