"""Forms speak Indonesian, keep what was typed, and say for every field what is wrong, to eyes and to screen readers."""

import re
import string
from io import BytesIO
from pathlib import Path

import pytest
import wtforms
from flask import Flask, render_template_string
from wtforms import BooleanField, MultipleFileField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Length

from portal.domain.errors import InvalidInput
from portal.domain.roles import Role
from portal.web.form_messages import MESSAGES
from portal.web.forms import CheckboxesField, PortalForm, choice, choices_of
from portal.web.guards import public

PAGE = """{% extends "base.html" %}{% from "macros/forms.html" import form_tag, field, submit %}
{% block title %}Uji{% endblock %}
{% block content %}{% call form_tag(form, multipart=true) %}
  {% for control in form if control.type != "CSRFTokenField" %}{{ field(control, "petunjuk") }}{% endfor %}
  {{ submit("Simpan") }}
{% endcall %}{% endblock %}"""


class EveryKindOfField(PortalForm):
    name = StringField("Nama", [InputRequired(), Length(max=10)])
    note = TextAreaField("Catatan", [InputRequired()])
    files = MultipleFileField("Berkas", [InputRequired()])
    role = RadioField("Peran", [InputRequired()], choices=choices_of([Role.UPLOADER, Role.AUDITOR]))
    months = CheckboxesField("Bulan", [InputRequired()], choices=[choice("8", "Agustus"), choice("9", "September")])
    area = SelectField("Area", choices=[choice("I", "I"), choice("II", "II")])
    sure = BooleanField("Saya sudah memeriksa", [InputRequired()])


@pytest.fixture
def form_app(bare_app: Flask) -> Flask:
    bare_app.config["WTF_CSRF_ENABLED"] = False

    def view() -> tuple[str, int]:
        form = EveryKindOfField()
        if form.validate_on_submit():
            with form.refusals():
                raise InvalidInput("name", "Nama ini sudah dipakai. Pilih nama lain.")
        return render_template_string(PAGE, form=form), form.status

    bare_app.add_url_rule("/isi", "fill", public("test")(view), methods=["GET", "POST"])
    return bare_app


def _msgids() -> set[str]:
    catalogue = Path(wtforms.__file__).parent / "locale/wtforms.pot"
    lines = re.findall(r'^msgid(?:_plural)? "(.+)"$', catalogue.read_text(encoding="utf-8"), re.MULTILINE)
    return set(lines)


def test_every_sentence_of_wtforms_is_translated() -> None:
    assert len(_msgids()) >= 43
    missing = _msgids() - set(MESSAGES)
    assert not missing, f"not in portal/web/form_messages.py: {missing}"


@pytest.mark.parametrize("message", MESSAGES)
def test_a_translation_keeps_the_placeholders(message: str) -> None:
    def placeholders(text: str) -> list[str]:
        named = [name for _, name, _, _ in string.Formatter().parse(text) if name]
        return sorted(re.findall(r"%\(\w+\)[sd]|%s", text) + named)

    assert placeholders(MESSAGES[message]) == placeholders(message)


def test_an_empty_form_has_an_error_for_every_field_and_a_summary_that_leads_there(form_app: Flask) -> None:
    answer = form_app.test_client().post("/isi")
    assert answer.status_code == 422
    assert "<title>Perbaiki isian – Uji – Portal Bukti ZI</title>" in answer.text
    targets = re.findall(r'<li><a href="#([^"]+)">', answer.text)
    assert targets == ["name", "note", "files", "role-0", "months-0", "area", "sure"]
    ids = re.findall(r'\sid="([^"]+)"', answer.text)
    assert len(ids) == len(set(ids)), "an id stands twice"
    for target in targets:
        assert target in ids
        assert f"{target.removesuffix('-0')}-error" in ids
    described = " ".join(re.findall(r'aria-describedby="([^"]+)"', answer.text)).split()
    assert set(described) <= set(ids), "described by something that is not there"
    assert "This field" not in answer.text


def test_every_control_has_a_label(form_app: Flask) -> None:
    page = form_app.test_client().get("/isi").text
    controls = re.findall(r'<(?:input|select|textarea)(?![^>]*type="hidden")[^>]*\sid="([^"]+)"', page)
    labels = re.findall(r'<label[^>]*\sfor="([^"]+)"', page)
    assert len(controls) == 9
    assert sorted(controls) == sorted(labels)


def test_what_was_typed_comes_back(form_app: Flask) -> None:
    typed = {
        "name": "Nama yang terlalu panjang",
        "note": "<b>catatan</b>",
        "role": "auditor",
        "months": ["9"],
        "area": "II",
    }
    page = form_app.test_client().post("/isi", data=typed).text
    assert 'value="Nama yang terlalu panjang"' in page
    assert "&lt;b&gt;catatan&lt;/b&gt;" in page
    assert "Isi paling banyak 10 karakter." in page
    assert "Berkas perlu dipilih lagi." in page
    assert re.search(r'<input[^>]*checked[^>]*value="auditor"', page)
    assert re.search(r'<input[^>]*checked[^>]*value="9"', page)
    assert re.search(r'<option selected value="II"', page)


def test_a_services_refusal_of_a_field_stands_at_the_field(form_app: Flask) -> None:
    data = {"name": "Siti", "note": "x", "role": "uploader", "months": ["8"], "area": "I", "sure": "y"}
    answer = form_app.test_client().post("/isi", data={**data, "files": (BytesIO(b"%PDF"), "laporan.pdf")})
    assert answer.status_code == 422
    assert '<a href="#name">Nama: Nama ini sudah dipakai. Pilih nama lain.</a>' in answer.text


def test_a_refusal_of_a_field_that_the_form_lacks_goes_on_to_the_error_page(form_app: Flask) -> None:
    with form_app.test_request_context("/isi", method="POST"):
        form = EveryKindOfField()
        with pytest.raises(InvalidInput), form.refusals():
            raise InvalidInput("elsewhere", "Isian lain.")
