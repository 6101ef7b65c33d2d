"""What to take along. The same form chooses (in the address) and seals (by POST, with a token)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from wtforms import SelectField
from wtforms.validators import InputRequired, Optional

from portal.services.bundle_contents import BundleScope
from portal.services.bundle_page import BundlePage, ScopeOption
from portal.web.forms import PortalForm, choice


def _uuid(value: object) -> UUID | None:
    return UUID(str(value)) if value else None


def _code(value: object) -> str | None:
    return str(value)[:24] if value else None


class ChoiceForm(PortalForm):
    """Read from the address; it changes nothing, so no token."""

    class Meta(PortalForm.Meta):
        csrf = False

    rencana = SelectField("Rencana aksi", coerce=_uuid, validators=[Optional()], validate_choice=False)
    area = SelectField("Area", coerce=_code, validators=[Optional()], validate_choice=False)
    indikator = SelectField("Indikator", coerce=_code, validators=[Optional()], validate_choice=False)

    def offer(self, page: BundlePage) -> None:
        """Fill the choices that depend on what the person may take."""
        self.rencana.choices = [choice(str(p.plan_id), f"{p.unit_name} – {p.year}") for p in page.plans]
        self.area.choices = _options("Semua area", page.areas)
        self.indikator.choices = _options("Semua indikator", page.indicators)
        if self.rencana.data is None and page.plan:
            self.rencana.data = page.plan.plan_id


class SealForm(PortalForm):
    """The scope that was previewed, sent to be sealed."""

    rencana = SelectField("Rencana aksi", coerce=_uuid, validators=[InputRequired()], validate_choice=False)
    area = SelectField("Area", coerce=_code, validators=[Optional()], validate_choice=False)
    indikator = SelectField("Indikator", coerce=_code, validators=[Optional()], validate_choice=False)

    @property
    def scope(self) -> BundleScope:
        """What to seal; only for a form that is valid."""
        return BundleScope(plan_id=self.rencana.data, area_code=self.area.data, indicator_code=self.indikator.data)


def _options(everything: str, options: tuple[ScopeOption, ...]) -> list[Any]:
    return [choice("", everything), *(choice(o.code, f"{o.code}. {o.text}"[:110]) for o in options)]
