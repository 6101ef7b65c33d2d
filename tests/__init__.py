"""Tests mirror `portal/`; `tests.servers` starts the real servers they run against, `tests.fixtures` hands them out."""
