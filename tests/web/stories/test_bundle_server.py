"""A bundle from a portal that really serves, small and large: whole, resumed after a cut, and broken off when it is
damaged.
"""

from __future__ import annotations

import http.client
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPResponse
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener
from uuid import UUID

import pytest
from flask import Flask
from sqlalchemy import select

from portal import create_app
from portal.adapters.store import ObjectRetained, ObjectStore
from portal.db import db
from portal.domain.actor import Actor
from portal.domain.events import EventName
from portal.domain.roles import Role
from portal.models import BundleMember, Membership, Plan, RevisionFile, User
from portal.services.bundles.scope import BundleScope
from portal.services.bundles.sealing import seal_bundle
from portal.services.memberships import end_membership
from portal.services.people import get_actor_by_email
from portal.services.unit_of_work import transaction
from tests.builders.bundles import Bag, trail
from tests.servers.portal import Site
from tests.web.stories.office import PDF, approved_evidence, open_office
from tests.web.stories.people import PASSWORD, add_account

EMAIL = "agus@contoh.go.id"
LARGE = PDF + b"% isi\n" * 600_000 + b"%%EOF\n"
LONGER_THAN_ALL_BUFFERS = PDF + b"% isi lain\n" * 3_000_000 + b"%%EOF\n"
"""What a server could push into the kernel of both ends before anybody reads it is a third of this."""


@dataclass
class Auditor:
    """Signed in at the site, with a bundle of his own; `app` reaches the same database and store."""

    app: Flask
    browser: OpenerDirector
    url: str
    bundle_id: UUID
    revision_id: UUID

    def begin(self, path: str) -> HTTPResponse:
        """An answer of which nothing but the head was read."""
        answer: HTTPResponse = self.browser.open(f"{self.url}{path}", timeout=60)
        return answer

    def fetch(self, **headers: str) -> tuple[int, bytes]:
        request = Request(f"{self.url}/paket/{self.bundle_id}/unduh", headers=headers)  # noqa: S310  # loopback
        try:
            with self.browser.open(request, timeout=60) as answer:
                return answer.status, answer.read()
        except HTTPError as refusal:
            return refusal.code, refusal.read()


@pytest.fixture
def auditor(site: Site) -> Iterator[Auditor]:
    with signed_in_auditor(site, LARGE) as person:
        yield person


@contextmanager
def signed_in_auditor(site: Site, content: bytes) -> Iterator[Auditor]:
    app = create_app(site.settings)
    open_office(app)
    add_account(app, EMAIL, Role.AUDITOR)
    revision_id = approved_evidence(app, "I.1.1", name="Besar.pdf", content=content)
    with app.app_context():
        now = datetime.now(UTC)
        with transaction(write=False) as session:
            scope = BundleScope(plan_id=session.execute(select(Plan.id)).scalar_one())
        actor = get_actor_by_email(email=EMAIL, now=now)
        bundle_id = seal_bundle(
            actor=actor,
            scope=scope,
            store=app.extensions["portal.store"],
            signer=app.extensions["portal.signer"],
            now=now,
        )
    yield Auditor(app, _signed_in(site.url), site.url, bundle_id, revision_id)
    with app.app_context():
        db.engine.dispose()


def _signed_in(url: str) -> OpenerDirector:
    browser = build_opener(HTTPCookieProcessor(CookieJar()))
    with browser.open(f"{url}/masuk", timeout=60) as page:
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', page.read().decode())
    assert token
    form = urlencode({"csrf_token": token.group(1), "email": EMAIL, "password": PASSWORD}).encode()
    with browser.open(f"{url}/masuk", data=form, timeout=60) as answer:
        assert answer.url != f"{url}/masuk"
    return browser


def test_it_comes_whole_and_can_be_resumed(auditor: Auditor) -> None:
    status, whole = auditor.fetch()
    assert status == 200
    assert Bag.of(whole).payload == {LARGE}
    cut = len(whole) // 2
    assert auditor.fetch(Range=f"bytes={cut}-") == (206, whole[cut:])


def test_a_store_keeps_the_objects_or_the_loss_of_one_breaks_the_download_off(auditor: Auditor) -> None:
    """Whoever keeps the store can take the evidence's own object out of it, unless the store locks objects."""
    whole = auditor.fetch()
    store: ObjectStore = auditor.app.extensions["portal.store"]
    with auditor.app.app_context():
        with transaction(write=False) as session:
            of_evidence = BundleMember.bundle_id == auditor.bundle_id, BundleMember.file_id.is_not(None)
            query = select(BundleMember.object_key, BundleMember.version_id).where(*of_evidence)
            key, version_id = session.execute(query).one()
        if store.capabilities.retention:
            with pytest.raises(ObjectRetained):
                store.delete(key, version_id=version_id)
            assert auditor.fetch() == whole
            return
        store.delete(key, version_id=version_id)
    with pytest.raises(http.client.IncompleteRead) as cut:
        auditor.fetch()
    assert cut.value.expected
    with auditor.app.app_context():
        last = trail()[-1]
        assert (last.name, last.data["found_sha256"]) == (EventName.FIXITY_FAILED, None)


def test_req_09_an_ended_membership_breaks_off_what_flows_already(site: Site) -> None:
    with signed_in_auditor(site, LONGER_THAN_ALL_BUFFERS) as auditor:
        with auditor.app.app_context(), transaction(write=False) as session:
            query = select(RevisionFile.file_id).where(RevisionFile.revision_id == auditor.revision_id)
            file_id = session.execute(query).scalar_one()
        bundle = auditor.begin(f"/paket/{auditor.bundle_id}/unduh")
        file = auditor.begin(f"/berkas/{auditor.revision_id}/{file_id}")
        with auditor.app.app_context():
            end_memberships(EMAIL)
        for answer in (bundle, file):
            with pytest.raises(http.client.IncompleteRead):
                answer.read()
        with auditor.app.app_context():
            cut = {entry.obj for entry in trail() if entry.name is EventName.DOWNLOAD_CUT_OFF}
        assert cut == {auditor.bundle_id, file_id}


def end_memberships(email: str) -> None:
    actor, now = Actor.system("test"), datetime.now(UTC)
    with transaction(write=False) as session:
        query = select(Membership.id).join(Membership.user).where(User.email == email)
        held = session.execute(query).scalars().all()
    for membership_id in held:
        end_membership(actor=actor, membership_id=membership_id, now=now)
