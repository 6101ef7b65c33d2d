"""The features of the portal, in the order in which they are registered. A feature adds its blueprint here."""

from __future__ import annotations

from flask import Blueprint

from portal.web import (
    accounts,
    anchors,
    audit,
    auth,
    bundles,
    contact,
    evidence,
    indicators,
    review,
    tasks,
    verification,
)

BLUEPRINTS: tuple[Blueprint, ...] = (
    auth.blueprint,
    tasks.blueprint,
    indicators.blueprint,
    evidence.blueprint,
    review.blueprint,
    audit.blueprint,
    bundles.blueprint,
    anchors.blueprint,
    accounts.blueprint,
    verification.blueprint,
    contact.blueprint,
)
