"""Benchmarks: each prints a ratio against a limit that was measured on the same machine in the same run."""
