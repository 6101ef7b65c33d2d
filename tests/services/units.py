"""The units of the Merangin plan in a test's database."""

from portal.models import Unit
from portal.services.unit_of_work import transaction
from tests.services.plan_file.merangin import merangin_plan


def add_merangin_units() -> None:
    """KPU, KPU-15 and KPU-1502, each below the one before; needs an application context."""
    with transaction() as session:
        above, path = None, "/"
        for planned in merangin_plan().units:
            path += f"{planned.code}/"
            above = Unit(
                code=planned.code,
                name=planned.name,
                parent_id=above.id if above else None,
                path=path,
                timezone=planned.timezone,
            )
            session.add(above)
            session.flush()
