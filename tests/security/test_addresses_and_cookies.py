"""What stands in addresses and cookies: ids that nobody guesses, and nothing that outlives a session."""

from __future__ import annotations

from uuid import UUID

from flask import Flask
from werkzeug.routing import UUIDConverter

from portal import create_app
from portal.config import Settings
from portal.db import Base, db
from portal.models.identity import Identified
from tests.web.stories.office import open_office
from tests.web.stories.people import sign_in

OTHERWISE = {
    ("asset", "name"): "a file of ours; its name holds a hash of its content",
    ("auth.invitation", "token"): "32 random bytes",
    ("review.reasoned", "step_name"): "the word for what a reviewer does",
    ("verification.download", "name"): "one of our two verifiers",
}
"""Parts of addresses that are no random id."""


def test_req_10_no_address_counts_objects(small_installation: Settings) -> None:
    app: Flask = create_app(small_installation)
    others = {
        (rule.endpoint, name)
        for rule in app.url_map.iter_rules()
        for name, converter in rule._converters.items()
        if not isinstance(converter, UUIDConverter)
    }
    assert others <= set(OTHERWISE), others - set(OTHERWISE)


def test_req_10_ids_are_random() -> None:
    kinds = [mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, Identified)]
    assert len(kinds) > 10
    for kind in kinds:
        made: UUID = kind().id
        assert made.version == 4, kind


def test_req_47_no_cookie_outlives_the_session(small_installation: Settings) -> None:
    app = create_app(small_installation)
    open_office(app)
    siti = sign_in(app, "siti@contoh.go.id")
    cookies = siti.client._cookies
    assert cookies is not None
    assert len(cookies) == 1
    assert {(cookie.key, cookie.max_age, cookie.expires) for cookie in cookies.values()} == {("portal", None, None)}
    with app.app_context():
        db.engine.dispose()
