"""The filter of the indicator list, the choice of a person in charge, and another class for an evidence item."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from wtforms import HiddenField, RadioField, SelectField, TextAreaField
from wtforms.validators import AnyOf, InputRequired, Length, Optional

from portal.domain.classification import Classification
from portal.domain.slot_state import SlotState, Timing
from portal.services.action import NOTE_MAX
from portal.services.indicator_list import IndicatorFilter, IndicatorList
from portal.web.forms import PortalForm, choice, choices_of

Value = TypeVar("Value")

OPEN_TIMINGS = (Timing.OVERDUE, Timing.DUE_SOON, Timing.CATCH_UP, Timing.UPCOMING)


def or_none(read: Callable[[str], Value]) -> Callable[[object], Value | None]:
    """Reads a choice as `read` does, and an empty one as None; raises ValueError for what is none of ours."""
    return lambda value: read(str(value)) if value else None


ALL = choice("", "Semua")


class FilterForm(PortalForm):
    """Read from the address, so that a filtered list can be kept as a bookmark; it changes nothing, so no token."""

    class Meta(PortalForm.Meta):
        csrf = False

    rencana = SelectField("Rencana aksi", coerce=or_none(UUID), validators=[Optional()], validate_choice=False)
    area = SelectField("Area", coerce=or_none(str), validators=[Optional()], validate_choice=False)
    keadaan = SelectField(
        "Keadaan", choices=[ALL, *choices_of(SlotState)], coerce=or_none(SlotState), validators=[Optional()]
    )
    tenggat = SelectField(
        "Tenggat", choices=[ALL, *choices_of(OPEN_TIMINGS)], coerce=or_none(Timing), validators=[Optional()]
    )

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
        self.rencana.choices = [choice(str(plan.plan_id), f"{plan.unit_name} – {plan.year}") for plan in found.plans]
        self.area.choices = [ALL, *(choice(area.code, f"{area.code}. {area.name}") for area in found.areas)]
        if self.rencana.data is None and found.plan:
            self.rencana.data = found.plan.plan_id


class PicForm(PortalForm):
    """Who is in charge of a slot; nobody is a choice."""

    pic = SelectField("Penanggung jawab (PIC)", coerce=or_none(UUID), validators=[Optional()])


class ClassificationForm(PortalForm):
    """Another class with its reason; `seen` is the one that the page showed. What may be chosen the service knows."""

    seen = HiddenField(validators=[InputRequired(), AnyOf([code.value for code in Classification])])
    classification = RadioField(
        "Klasifikasi baru",
        coerce=Classification,
        validate_choice=False,
        validators=[InputRequired("Pilih satu kelas.")],
    )
    reason = TextAreaField(
        "Alasan", validators=[InputRequired("Tuliskan alasannya dalam satu kalimat."), Length(max=NOTE_MAX)]
    )
