"""The base of every form: CSRF protection, Indonesian messages, and a place for a service's refusal of one field.

A form holds what was typed and whether it can be read; whether it may be done is the service's question.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from typing import Any, ClassVar

from flask_wtf import FlaskForm
from wtforms import SelectMultipleField
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]  # new in 3.3, the stubs are of 3.2
from wtforms.meta import DefaultMeta
from wtforms.widgets import CheckboxInput

from portal.domain.errors import InvalidInput
from portal.web.form_messages import IndonesianMessages
from portal.web.labels import label


class PortalForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF ships no types
    """Base of all forms. A view uses it so:

    form = InviteForm()
    if form.validate_on_submit():
        with form.refusals():
            invite(actor=current_actor(), email=form.email.data, now=utc_now())
            return redirect(...)
    return render_template("accounts/invite.html", form=form), form.status
    """

    after_refusal: ClassVar[str] = ""
    """Below the errors: what became of the rest that was sent, where it is not simply still on the page."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]  # Flask-WTF ships no types
        def get_translations(self, form: DefaultMeta) -> Any:  # noqa: ARG002  # the signature is WTForms'
            return IndonesianMessages()

    @property
    def status(self) -> int:
        """HTTP status of the page that shows this form: 422 once something in it was refused."""
        return 422 if self.errors else 200

    @contextmanager
    def refusals(self) -> Iterator[None]:
        """Turn a service's InvalidInput into the error of its field, so that the page comes back with all that was
        typed; a field that this form does not have passes on to the error page.
        """
        try:
            yield
        except InvalidInput as refusal:
            if refusal.field not in self:
                raise
            field = self[refusal.field]
            field.errors = [*field.errors, refusal.message]


class CheckboxesField(SelectMultipleField):
    """Several of a few choices, each a checkbox; the macro `field` draws them as one group."""

    option_widget = CheckboxInput()


def choice(value: str, text: str) -> SelectChoice:
    """One choice of a select, radio or checkboxes field."""
    return SelectChoice(value=value, label=text)


def choices_of(codes: Iterable[StrEnum]) -> list[SelectChoice]:
    """Choices of labelled codes, for instance of a whole enum, in the given order."""
    return [choice(code.value, label(code).word) for code in codes]
