"""The hash of a file, typed, pasted or computed in the browser. Read from the address: asking changes nothing."""

from __future__ import annotations

from wtforms import StringField
from wtforms.validators import InputRequired, Length

from portal.web.forms import PortalForm


class FileCheckForm(PortalForm):
    class Meta(PortalForm.Meta):
        csrf = False

    sha256 = StringField("Kode SHA-256 berkas", validators=[InputRequired(), Length(max=200)])
