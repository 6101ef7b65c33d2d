"""Anchors: copies of signed checkpoints where nobody who runs the database can change them.

Each place is a file of its own; `anchoring.py` goes round them, `standing.py` says how old the newest copy is.
"""
