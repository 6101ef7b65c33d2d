"""One-time codes from a phone: TOTP (RFC 6238) as all authenticator apps speak it, 6 digits, SHA-1, steps of 30 s.

Knows secrets, codes and time steps, and nothing of people or of the database; who stores the step that a code belongs
to keeps it from working twice.
"""

from __future__ import annotations

import re
from datetime import datetime

import pyotp
from pyotp.exceptions import OTPVerificationError

ISSUER = "Portal Bukti ZI"
STEPS_AROUND = 1
"""A phone's clock may be so many steps before or after ours (RFC 6238 §5.2 advises one)."""

_SECRET = re.compile(r"[A-Z2-7]{32}")


def new_secret() -> str:
    """160 random bits in base32, as RFC 4226 §4 recommends."""
    return pyotp.random_base32()


def is_secret(text: str) -> bool:
    return _SECRET.fullmatch(text) is not None


def looks_like_code(text: str) -> bool:
    """Whether the text could be a code of a phone at all."""
    return len(text) == 6 and text.isascii() and text.isdigit()


def find_step(secret: str, code: str, now: datetime) -> int | None:
    """The time step, counted from the epoch, whose code this is; None when it is none of now or next to it."""
    if not looks_like_code(code):
        return None
    try:
        return pyotp.TOTP(secret).verify_and_get_timecode(code, for_time=now, valid_window=STEPS_AROUND)
    except OTPVerificationError:
        return None


def enrolment_address(secret: str, *, email: str) -> str:
    """The otpauth: address that a phone reads from a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=ISSUER)
