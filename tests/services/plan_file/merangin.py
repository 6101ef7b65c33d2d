"""The plan that ships with the portal, as bytes and as a document."""

from importlib import resources

from portal.domain.plan import PlanDocument
from portal.services.plan_file import read_plan


def merangin_bytes() -> bytes:
    return (resources.files("portal") / "data" / "plans" / "kpu-merangin-2025.yaml").read_bytes()


def merangin_plan() -> PlanDocument:
    return read_plan(merangin_bytes())
