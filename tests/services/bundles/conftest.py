"""An office whose evidence can be bundled, on both databases and on a local store."""

import pytest
from flask import Flask

from portal.adapters.local_store import LocalStore
from tests.builders.bundles import Office, open_office


@pytest.fixture
def office(app_context: Flask, local_store: LocalStore) -> Office:  # noqa: ARG001  # rows need the application
    """Nothing is approved yet; requirement `II.1` is Terbatas."""
    return open_office(local_store, restricted="II.1")
