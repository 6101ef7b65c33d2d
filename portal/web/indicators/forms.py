"""The filter of the indicator list and the choice of a person in charge."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import TypeVar
from uuid import UUID

from wtforms import SelectField
from wtforms.validators import Optional

from portal.domain.slot_state import SlotState, Timing
from portal.services.indicator_list import IndicatorFilter, IndicatorList
from portal.web.forms import PortalForm
from portal.web.labels import label

Value = TypeVar("Value")

OPEN_TIMINGS = (Timing.OVERDUE, Timing.DUE_SOON, Timing.CATCH_UP, Timing.UPCOMING)


def or_none(read: Callable[[str], Value]) -> Callable[[str | None], Value | None]:
    """Reads a choice as `read` does, and an empty one as None; raises ValueError for what is none of ours."""
    return lambda text: read(text) if text else None


def _words(codes: tuple[StrEnum, ...]) -> list[tuple[str, str]]:
    return [("", "Semua"), *((code.value, label(code).word) for code in codes)]


class FilterForm(PortalForm):
    """Read from the address, so that a filtered list can be kept as a bookmark; it changes nothing, so no token."""

    class Meta(PortalForm.Meta):
        csrf = False

    rencana = SelectField("Rencana aksi", coerce=or_none(UUID), validators=[Optional()], validate_choice=False)
    area = SelectField("Area", coerce=or_none(str), validators=[Optional()], validate_choice=False)
    keadaan = SelectField(
        "Keadaan", choices=_words(tuple(SlotState)), coerce=or_none(SlotState), validators=[Optional()]
    )
    tenggat = SelectField("Tenggat", choices=_words(OPEN_TIMINGS), coerce=or_none(Timing), validators=[Optional()])

    @property
    def narrow(self) -> IndicatorFilter:
        """The filter as the service takes it; only for a form that is valid."""
        return IndicatorFilter(
            plan_id=self.rencana.data,
            area_code=self.area.data,
            state=self.keadaan.data,
            timing=self.tenggat.data,
        )

    def offer(self, found: IndicatorList) -> None:
        """Fill the choices that depend on what the person may see."""
        self.rencana.choices = [(plan.plan_id, f"{plan.unit_name} – {plan.year}") for plan in found.plans]
        self.area.choices = [("", "Semua"), *((area.code, f"{area.code}. {area.name}") for area in found.areas)]
        if self.rencana.data is None and found.plan:
            self.rencana.data = found.plan.plan_id


class PicForm(PortalForm):
    """Who is in charge of a slot; nobody is a choice."""

    pic = SelectField("Penanggung jawab (PIC)", coerce=or_none(UUID), validators=[Optional()])
