"""Reads an action plan from a YAML file that somebody handed in: safe against hostile bytes, whole or not at all."""

from portal.services.plan_file.errors import PlanError, PlanFileInvalid
from portal.services.plan_file.reader import read_plan

__all__ = ["PlanError", "PlanFileInvalid", "read_plan"]
