"""The installations that the tests hand out are what their names say, and the application works on each."""

import urllib.request

from portal import create_app
from portal.adapters.local_store import LocalStore
from portal.adapters.minio_store import MinioStore
from portal.config import Settings
from portal.db import db
from portal.web.assets import asset_url
from tests.servers.portal import Site


def engine_and_store(settings: Settings) -> tuple[str, type]:
    app = create_app(settings)
    with app.app_context():
        name = db.engine.dialect.name
        db.engine.dispose()
    return name, type(app.extensions["portal.store"])


def test_the_small_installation_is_sqlite_with_a_local_store(small_installation: Settings) -> None:
    assert engine_and_store(small_installation) == ("sqlite", LocalStore)


def test_the_large_installation_is_postgresql_with_minio(large_installation: Settings) -> None:
    assert engine_and_store(large_installation) == ("postgresql", MinioStore)
    store = create_app(large_installation).extensions["portal.store"]
    assert store.check() == ()


def test_a_site_serves_the_portal_of_its_installation(site: Site) -> None:
    app = create_app(site.settings)
    with app.test_request_context(base_url=site.url):
        style = asset_url("portal.css")
    with urllib.request.urlopen(site.url + style, timeout=30) as answer:  # noqa: S310  the address is our own
        assert answer.headers["Content-Type"].startswith("text/css")
        assert b"{" in answer.read()
