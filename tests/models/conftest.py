"""Gives the tests of the tables their scene."""

from collections.abc import Iterator

import pytest
from flask import Flask

from tests.models.scene import Scene, open_scene


@pytest.fixture
def scene(app_context: Flask) -> Iterator[Scene]:  # noqa: ARG001  # a fixture cannot ask for another by mark
    with open_scene() as scene:
        yield scene
