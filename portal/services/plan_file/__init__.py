"""Reads an action plan from a YAML file that somebody handed in: safe against hostile bytes, whole or not at all."""

from portal.services.plan_file.errors import PlanError, PlanFileInvalid
from portal.services.plan_file.reader import read_plan
from portal.services.plan_file.yaml_nodes import MAX_BYTES

__all__ = ["MAX_BYTES", "PlanError", "PlanFileInvalid", "read_plan"]
