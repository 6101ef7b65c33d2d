"""What is typed to sign in, to set a password or to set up a second factor."""

from __future__ import annotations

from wtforms import EmailField, PasswordField, StringField
from wtforms.validators import EqualTo, InputRequired, Length

from portal.services.passwords import LONGEST, SHORTEST
from portal.web.forms import PortalForm


class LoginForm(PortalForm):
    email = EmailField("Alamat email", validators=[InputRequired(), Length(max=254)])
    password = PasswordField("Kata sandi", validators=[InputRequired(), Length(max=LONGEST)])


class ForgottenPasswordForm(PortalForm):
    """Whose password was forgotten."""

    email = EmailField("Alamat email", validators=[InputRequired(), Length(max=254)])


class ConfirmationForm(PortalForm):
    """The password once more, beside the fields of what was asked."""

    confirm_password = PasswordField("Kata sandi Anda", validators=[InputRequired(), Length(max=LONGEST)])


class CodeForm(PortalForm):
    """A code of the phone, or a recovery code, which is longer."""

    code = StringField("Kode", validators=[InputRequired(), Length(max=40)])


class NewPasswordForm(PortalForm):
    """A password that the person chooses, typed twice."""

    password = PasswordField("Kata sandi baru", validators=[InputRequired(), Length(min=SHORTEST, max=LONGEST)])
    again = PasswordField(
        "Ketik sekali lagi", validators=[InputRequired(), EqualTo("password", "Kedua kata sandi tidak sama.")]
    )


class ChangePasswordForm(NewPasswordForm):
    """The same with the old one."""

    old_password = PasswordField("Kata sandi sekarang", validators=[InputRequired(), Length(max=LONGEST)])
