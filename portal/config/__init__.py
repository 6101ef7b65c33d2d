"""Settings of one installation: a TOML file (`PORTAL_CONFIG`) overlaid by the environment, checked whole before
anything starts.

A secret without a value, or a setting that cannot be right, stops the start with the variable's name. Knows nothing
of Flask.
"""

from __future__ import annotations

from portal.config.checks import ANCHORS, check
from portal.config.reading import SECRETS, load_settings, read_environment
from portal.config.settings import INSTANCE, MIGRATIONS, PREFIX, ConfigInvalid, Settings, listed

__all__ = [
    "ANCHORS",
    "INSTANCE",
    "MIGRATIONS",
    "PREFIX",
    "SECRETS",
    "ConfigInvalid",
    "Settings",
    "check",
    "listed",
    "load_settings",
    "read_environment",
]
