"""The menu shows each role what it can use, and every entry leads somewhere."""

import re

import pytest
from flask import Blueprint, Flask, render_template_string

from portal.domain.roles import Role
from portal.web.guards import signed_in
from portal.web.navigation import ITEMS
from tests.web.conftest import SignIn
from tests.web.people import make_person

ALWAYS = ["Tugas", "Indikator"]
MENUS = {
    Role.UPLOADER: ALWAYS,
    Role.AREA_COORDINATOR: [*ALWAYS, "Antrean pemeriksaan"],
    Role.TPI_MEMBER: [*ALWAYS, "Antrean pemeriksaan"],
    Role.TPI_LEAD: [*ALWAYS, "Antrean pemeriksaan", "Paket bukti", "Checkpoint"],
    Role.AUDITOR: [*ALWAYS, "Paket bukti", "Checkpoint"],
    Role.LEADER: ALWAYS,
    Role.ADMIN: [*ALWAYS, "Checkpoint", "Pengguna"],
}
PAGE = """{% extends "base.html" %}{% block title %}Uji{% endblock %}"""


@pytest.fixture
def app_with_menu(bare_app: Flask) -> Flask:
    """Every entry's page, as an empty page of its blueprint."""
    for item in ITEMS:
        feature, view = item.endpoint.split(".")
        blueprint = Blueprint(feature, __name__)
        blueprint.add_url_rule(f"/{feature}", view, signed_in("a sample")(lambda: render_template_string(PAGE)))
        bare_app.register_blueprint(blueprint)
    return bare_app


@pytest.mark.usefixtures("app_with_menu")
@pytest.mark.parametrize("role", Role)
def test_each_role_sees_its_entries_and_which_one_is_open(sign_in: SignIn, role: Role) -> None:
    page = sign_in(make_person(role)).get("/indicators").text
    menu = page.partition("<nav")[2].partition("</nav>")[0]
    entries = re.findall(r'<a href="/\w+"( aria-current="true")?>([^<]+)</a>', menu)
    assert [text for _, text in entries] == MENUS[role]
    assert [text for current, text in entries if current] == ["Indikator"]


def test_nobody_signed_in_has_no_menu(bare_app: Flask) -> None:
    page = bare_app.test_client().get("/tidak-ada").text
    assert "<nav" not in page
    assert "Keluar" not in page


def test_every_entry_of_an_installed_feature_leads_to_a_page(whole_web: Flask) -> None:
    lost = [
        item.endpoint
        for item in ITEMS
        if item.endpoint.split(".")[0] in whole_web.blueprints and item.endpoint not in whole_web.view_functions
    ]
    assert not lost, f"menu entries whose view has another name: {lost}"
