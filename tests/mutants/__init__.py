"""Seeded faults: each breaks one rule of security, and some test must notice. `make mutants` tries them all."""
