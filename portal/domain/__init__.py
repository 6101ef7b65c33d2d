"""The rules of the house, pure: no framework, no clock, no I/O. Everything else may import it; it imports nothing of
ours above it.
"""
