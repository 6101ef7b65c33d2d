"""What staff fill in about evidence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from wtforms import DateField, HiddenField, MultipleFileField, SelectField, StringField, TextAreaField, URLField
from wtforms.validators import InputRequired, Length, Optional

from portal.adapters.content import ACCEPTED
from portal.domain.workflow import Action, State
from portal.services.action import NOTE_MAX, Command
from portal.services.evidence_page import DraftPage, SlotChoice
from portal.services.links import LONGEST_NOTE, LONGEST_URL
from portal.services.reuse import ReuseChoice, ReuseTarget
from portal.services.revision_view import RevisionView
from portal.web.dates import format_month
from portal.web.forms import CheckboxesField, PortalForm, choice
from portal.web.labels import label

AT_LEAST_ONE = "Pilih sekurang-kurangnya satu."
ACCEPT = ",".join(f".{extension}" for extension in ACCEPTED)


def slot_choices(slots: Iterable[SlotChoice]) -> list[Any]:
    """The months that can be chosen: free ones and those that this evidence holds."""
    return [choice(str(slot.slot_id), format_month(slot.month)) for slot in slots if slot.is_free]


class FilesForm(PortalForm):
    """Files to add to a draft."""

    after_refusal = "Berkas yang tidak disebut di sini sudah tersimpan di draf."

    files = MultipleFileField("Berkas")


class StartForm(FilesForm):
    """A new evidence: its months, and files right away if they are at hand."""

    after_refusal = ""

    slots = CheckboxesField("Bulan yang dipenuhi bukti ini", validators=[InputRequired(AT_LEAST_ONE)])

    @property
    def slot_ids(self) -> list[UUID]:
        return [UUID(value) for value in self.slots.data or ()]


class DraftForm(PortalForm):
    """What a draft says about itself."""

    slots = CheckboxesField("Bulan yang dipenuhi bukti ini", validators=[InputRequired(AT_LEAST_ONE)])
    document_date = DateField("Tanggal dokumen", validators=[Optional()])
    note = TextAreaField("Catatan untuk pemeriksa", validators=[Optional(), Length(max=NOTE_MAX)])

    @classmethod
    def of(cls, page: DraftPage) -> DraftForm:
        """The form with what is stored, whatever another form of the page has sent."""
        form = cls(
            formdata=None,
            slots=[str(slot_id) for slot_id in page.draft.slot_ids],
            document_date=page.draft.document_date,
            note=page.draft.note,
        )
        form.slots.choices = slot_choices(page.slots)
        return form

    @classmethod
    def sent(cls, page: DraftPage) -> DraftForm:
        """The form with what was sent."""
        form = cls()
        form.slots.choices = slot_choices(page.slots)
        return form

    @property
    def slot_ids(self) -> list[UUID]:
        return [UUID(value) for value in self.slots.data or ()]


class LinkForm(PortalForm):
    """An address on the web and what is to be seen there."""

    url = URLField("Alamat tautan", validators=[InputRequired(), Length(max=LONGEST_URL)])
    note = StringField("Keterangan tautan", validators=[Optional(), Length(max=LONGEST_NOTE)], id="link-note")


class CopyForm(PortalForm):
    """Which file of a draft is the redacted copy of which other one."""

    copy = SelectField("Salinan yang sudah disamarkan", validators=[InputRequired("Pilih salinannya.")])
    original = SelectField("Berkas aslinya", validators=[InputRequired("Pilih berkas aslinya.")])

    @classmethod
    def of(cls, page: DraftPage) -> CopyForm:
        """The form that a page begins with."""
        return cls(formdata=None).offering(page)

    def offering(self, page: DraftPage) -> CopyForm:
        """The same with the files that can be chosen now."""
        originals = page.draft.originals
        unmarked = [file for file in originals if not page.draft.copies_of(file)]
        self.copy.choices = [choice("", "Pilih salinan"), *(choice(str(file.id), file.name) for file in unmarked)]
        self.original.choices = [choice("", "Pilih berkas asli"), *(choice(str(f.id), f.name) for f in originals)]
        return self


class SeenForm(PortalForm):
    """An action on a version as the page showed it."""

    state = HiddenField(validators=[InputRequired()])
    digest = HiddenField(validators=[Optional(), Length(max=64)])
    note = TextAreaField("Alasan", validators=[Optional(), Length(max=NOTE_MAX)])

    @classmethod
    def of(cls, revision: RevisionView) -> SeenForm:
        return cls(state=revision.state.value, digest=revision.digest or "")

    def command(self, action: Action, revision_id: UUID) -> Command:
        """The request to the workflow; a state that is none of ours was on no page and is stale."""
        shown = self.state.data if self.state.data in set(State) else State.DISCARDED
        return Command(
            action=action,
            revision_id=revision_id,
            seen_state=State(shown),
            seen_digest=self.digest.data or None,
            note=self.note.data or "",
        )


class ReuseForm(PortalForm):
    """Which files to attach, and to which requirement."""

    files = CheckboxesField("Berkas yang dipakai juga", validators=[InputRequired(AT_LEAST_ONE)])
    requirement = SelectField("Untuk bukti fisik", validators=[InputRequired("Pilih bukti fisiknya.")])

    @classmethod
    def of(cls, found: ReuseChoice) -> ReuseForm:
        form = cls(files=[str(file.file_id) for file in found.files])
        form.files.choices = [choice(str(file.file_id), file.name) for file in found.files]
        form.requirement.choices = [
            choice("", "Pilih bukti fisik"),
            *(choice(str(target.requirement_id), _target_text(found, target)) for target in found.targets),
        ]
        return form

    @property
    def file_ids(self) -> list[UUID]:
        return [UUID(value) for value in self.files.data or ()]


def _target_text(found: ReuseChoice, target: ReuseTarget) -> str:
    """With its class where that may be a lower one than the files have now."""
    text = f"{target.indicator_code} – {target.requirement_text}"[:140]
    return f"{text} ({label(target.classification).word})" if found.classification.is_restricted else text
