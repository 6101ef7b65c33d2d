"""What a reviewer fills in, and what the page carries so that a decision is about exactly what was shown."""

from __future__ import annotations

from uuid import UUID

from wtforms import HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length, Optional, ValidationError

from portal.domain.review import ReturnReason
from portal.domain.workflow import Action, State
from portal.services.action import NOTE_MAX, Command
from portal.services.review_queue import QueueFilter
from portal.web.forms import PortalForm, choices_of

NOTE_REQUIRED = "Tuliskan alasannya, agar pengirim tahu apa yang harus dilakukan."


class DecisionForm(PortalForm):
    """State and digest of the revision as the page showed it, and a note that may stay empty."""

    state = HiddenField(validators=[InputRequired()])
    digest = HiddenField(validators=[InputRequired(), Length(min=64, max=64)])
    note = TextAreaField("Catatan", validators=[Optional(), Length(max=NOTE_MAX)])

    def command(self, action: Action, revision_id: UUID) -> Command:
        """The request to the workflow; only for a form that is valid."""
        return Command(
            action=action,
            revision_id=revision_id,
            seen_state=State(self.state.data or ""),
            seen_digest=self.digest.data,
            note=self.note.data or "",
        )

    def validate_state(self, field: StringField) -> None:
        """A state that the portal does not know was not on any page."""
        if field.data not in set(State):
            raise ValidationError("Halaman ini tidak lengkap. Muat ulang, lalu putuskan lagi.")


class ReasonedForm(DecisionForm):
    """A decision that must say why."""

    note = TextAreaField(
        "Alasan dan yang harus dilakukan", validators=[InputRequired(NOTE_REQUIRED), Length(max=NOTE_MAX)]
    )


class RefusalForm(ReasonedForm):
    """Return or rejection: a reason from the list and a sentence."""

    reason = RadioField(
        "Alasan utama",
        choices=choices_of(ReturnReason),
        validators=[InputRequired("Pilih satu alasan.")],
    )

    def command(self, action: Action, revision_id: UUID) -> Command:
        plain = super().command(action, revision_id)
        return Command(
            action=plain.action,
            revision_id=plain.revision_id,
            seen_state=plain.seen_state,
            seen_digest=plain.seen_digest,
            note=plain.note,
            reason=ReturnReason(self.reason.data),
        )


class QueueFilterForm(PortalForm):
    """Read from the address; it changes nothing, so no token."""

    class Meta(PortalForm.Meta):
        csrf = False

    unit = SelectField(
        "Unit kerja",
        coerce=lambda value: UUID(str(value)) if value else None,
        validators=[Optional()],
        validate_choice=False,
    )
    area = StringField("Area", validators=[Optional(), Length(max=8)])

    @property
    def narrow(self) -> QueueFilter:
        """The filter as the service takes it; only for a form that is valid."""
        return QueueFilter(unit_id=self.unit.data, area_code=self.area.data or None)
