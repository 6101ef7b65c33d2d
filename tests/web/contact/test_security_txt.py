"""Whom to tell about a fault: said where the installation knows it, and nowhere else."""

from dataclasses import replace

from portal import create_app
from portal.config import Settings
from portal.db import db


def test_a_named_contact_is_told_to_strangers(small_installation: Settings) -> None:
    for contact, status in (("mailto:keamanan@kantor.go.id", 200), ("", 404)):
        app = create_app(replace(small_installation, security_contact=contact))
        answer = app.test_client().get("/.well-known/security.txt")
        assert answer.status_code == status
        assert (f"Contact: {contact}\nExpires: 20" in answer.text) is bool(contact)
        with app.app_context():
            db.engine.dispose()
