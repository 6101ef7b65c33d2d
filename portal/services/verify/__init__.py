"""Checks everything that is stored against everything else, and repairs nothing: the log against itself and its signed
checkpoints, the tables against the log, the objects against the tables.

It believes no row and no cached hash: whatever can be computed again is. What it cannot see is a log that was rewritten
from the beginning on by somebody who also rewrote every table: that shows only where a checkpoint lies elsewhere.
"""
