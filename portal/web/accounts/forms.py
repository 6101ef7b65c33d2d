"""What an admin fills in to invite somebody or to give a role."""

from __future__ import annotations

from collections.abc import Iterable

from wtforms import BooleanField, DateField, EmailField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from portal.domain.codes import MAX_AREA_CODE
from portal.domain.roles import Role
from portal.services.memberships import NewMembership
from portal.services.units import UnitView
from portal.web.forms import PortalForm, choice, choices_of


class MembershipForm(PortalForm):
    """One membership: role, unit, area, days."""

    role = SelectField("Peran", choices=choices_of(Role), validators=[InputRequired()])
    unit = SelectField("Unit kerja", validators=[InputRequired()])
    area = StringField("Area", validators=[Optional(), Length(max=MAX_AREA_CODE)])
    below = BooleanField("Berlaku juga untuk semua unit di bawahnya")
    restricted = BooleanField("Boleh membaca bukti Terbatas dan Rahasia")
    external = BooleanField("Auditor eksternal, dari luar kantor")
    sponsor = EmailField("Penanggung jawab auditor eksternal", validators=[Optional(), Length(max=254)])
    valid_from = DateField("Mulai berlaku", validators=[Optional()])
    valid_until = DateField("Hari terakhir", validators=[Optional()])

    def offer(self, units: Iterable[UnitView]) -> None:
        """The units that the admin manages."""
        self.unit.choices = [choice(unit.code, unit.name) for unit in units]

    @property
    def membership(self) -> NewMembership:
        """What to grant; only for a form that is valid."""
        return NewMembership(
            role=Role(self.role.data),
            unit_code=self.unit.data,
            area_code=(self.area.data or "").strip().upper() or None,
            below=self.below.data,
            restricted=self.restricted.data,
            valid_from=self.valid_from.data,
            valid_until=self.valid_until.data,
            external=self.external.data,
            sponsor=(self.sponsor.data or "").strip() or None,
        )


class InviteForm(MembershipForm):
    """A new person with a first membership."""

    name = StringField("Nama lengkap", validators=[InputRequired(), Length(max=200)])
    email = EmailField("Alamat email", validators=[InputRequired(), Length(max=254)])


class ExtendForm(PortalForm):
    """The last day of an external auditor's next window."""

    valid_until = DateField("Hari terakhir", validators=[InputRequired()])
