"""What to take along. The same fields choose (in the address) and seal (by POST, with a token)."""

from __future__ import annotations

from typing import Any, cast
from uuid import UUID

from wtforms import HiddenField, SelectField
from wtforms.validators import InputRequired, Optional

from portal.services.bundles.page import BundlePage, ScopeOption
from portal.services.bundles.scope import BundleScope
from portal.web.forms import PortalForm, choice

LONGEST_OPTION = 110


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
        """Offer what the person may take, and choose what the page shows."""
        self.rencana.choices = [choice(str(p.plan_id), f"{p.unit_name} – {p.year}") for p in page.plans]
        if page.plan and page.choice:
            self.rencana.data = page.plan.plan_id
            everything = "Semua area" if page.choice.is_whole_open else "Pilih area"
            self.area.choices = _options(everything, page.choice.areas)
            self.indikator.choices = _options("Semua indikator", page.choice.indicators)
        if page.scope:
            self.area.data, self.indikator.data = page.scope.area_code, page.scope.indicator_code


class SealForm(PortalForm):
    """The scope that was previewed, sent to be sealed; `paket` is the bundle that this page's button makes."""

    rencana = SelectField("Rencana aksi", coerce=_uuid, validators=[InputRequired()], validate_choice=False)
    area = SelectField("Area", coerce=_code, validators=[Optional()], validate_choice=False)
    indikator = SelectField("Indikator", coerce=_code, validators=[Optional()], validate_choice=False)
    paket = HiddenField(filters=[_uuid], validators=[InputRequired()])

    @property
    def bundle_id(self) -> UUID:
        """The bundle to make; only for a form that is valid."""
        return cast(UUID, self.paket.data)

    @property
    def scope(self) -> BundleScope:
        """What to seal; only for a form that is valid."""
        return BundleScope(plan_id=self.rencana.data, area_code=self.area.data, indicator_code=self.indikator.data)


def _options(everything: str, options: tuple[ScopeOption, ...]) -> list[Any]:
    return [choice("", everything), *(choice(o.code, f"{o.code}. {o.text}"[:LONGEST_OPTION]) for o in options)]
