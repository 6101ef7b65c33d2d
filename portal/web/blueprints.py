"""The features of the portal, in the order in which they are registered. A feature adds its blueprint here."""

from __future__ import annotations

from flask import Blueprint

BLUEPRINTS: tuple[Blueprint, ...] = ()
