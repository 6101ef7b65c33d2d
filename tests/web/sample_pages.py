"""Pages that use every macro once, with the longest words that the real plan and real people bring."""

from datetime import UTC, datetime

from flask import Flask, render_template_string
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, DateField, MultipleFileField, RadioField, SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired, Optional

from portal.domain.classification import Classification
from portal.domain.events import EventName
from portal.domain.roles import Role
from portal.domain.workflow import State
from portal.web.forms import CheckboxesField, PortalForm, choice, choices_of
from portal.web.guards import signed_in

AT = datetime(2026, 11, 23, 4, 5, tzinfo=UTC)
SHA256 = "9caac977a0af0c2229abd397eee3345899c4020da2a1a0b711c1cc543fe3719d"

IMPORTS = """{% extends "base.html" %}
{% from "macros/page.html" import back_link, count_tile, decision_bar, empty_state, key_values, main_link, notice %}
{% from "macros/page.html" import print_button, progress, side_link %}
{% from "macros/lists.html" import file_row, pagination, task_row, timeline_entry %}
{% from "macros/states.html" import badge, badge_with_hint %}
{% from "macros/forms.html" import field, form_tag, post_button, side_submit, submit %}
"""

TASKS = """{% block title %}Tugas saya{% endblock %}
{% block lede %}<p>3 dikembalikan · 5 belum ada bukti · batas 12 hari lagi</p>{% endblock %}
{% block main_action %}{{ main_link("#", "Kerjakan berikutnya", "arrow-right") }}{% endblock %}
{% block content %}
  <div class="tiles">
    {{ count_tile(3, "Dikembalikan", "warning", "#", "arrow-return-left") }}
    {{ count_tile(1131, "Disetujui", "positive", icon_name="check-circle-fill") }}
  </div>
  <h2>Menunggu Anda</h2>
  <ul class="rows">
    {% call task_row("#", "Undangan rapat, daftar hadir, dan notulen rapat monitoring dan evaluasi rencana kerja",
                     "VI.10.12", State.RETURNED, "lewat 3 hari", true) %}Agustus, Oktober, Desember 2025{% endcall %}
    {% for state in State %}
      {{ task_row("#", "SK Unit Pengendalian Gratifikasi", "V.1.1", state, "hari ini") }}
    {% endfor %}
  </ul>
  {{ progress(31, 40, "bukti Area I disetujui") }}
  {{ progress(0, 0, "bukti") }}
  {% call empty_state("Tidak ada yang menunggu Anda") %}<p>Bukti baru muncul di sini.</p>{% endcall %}
  {{ empty_state("Belum ada paket") }}
  {{ pagination(2, 7, address) }}
  <table class="table-cards">
    <thead>
      <tr><th scope="col">Area</th><th scope="col">Nama</th><th scope="col" class="is-number">Bukti</th></tr>
    </thead>
    <tbody>
      <tr>
        <th scope="row">II</th>
        <td data-label="Nama">Penataan Tata Laksana</td>
        <td class="is-number" data-label="Bukti">11</td>
      </tr>
    </tbody>
  </table>
{% endblock %}"""

INDICATOR = """{% block title %}Unit kerja telah membentuk tim untuk melakukan pembangunan Zona Integritas{% endblock %}
{% block back %}{{ back_link("#", "Daftar indikator") }}{% endblock %}
{% block main_action %}{{ main_link("#", "Unggah bukti", "upload") }}{% endblock %}
{% block content %}
  {% for tone in Tone %}
    {% call notice(tone, "Dikembalikan oleh Budi Hartono") %}<p>Pindai ulang.</p>{% endcall %}
  {% endfor %}
  {{ key_values([("Status", badge_with_hint(State.SUBMITTED)), ("Klasifikasi", badge(Classification.RAHASIA))]) }}
  <h2>Berkas</h2>
  <ul class="rows files">
    {% call file_row("SK_Tim_Kerja_Pembangunan_Zona_Integritas_KPU_Kabupaten_Merangin_Tahun_2025_final_sekali.pdf",
                     2202009, "application/pdf", SHA256, "diunggah 20 Nov 2026", "#berkas") %}
      {{ post_button("/kirim", "Keluarkan", "trash3", about="SK_Tim_Kerja.pdf", fields={"file": "1"}) }}
    {% endcall %}
    {{ file_row("foto.jpg", 812345, "image/jpeg") }}
  </ul>
  <h2>Riwayat</h2>
  <ol class="timeline">
    {% for name in EventName %}
      {% call timeline_entry(label(name), AT, "Siti Rahmawati", Role.UPLOADER, 2) %}<p>Catatan</p>{% endcall %}
    {% endfor %}
    {{ timeline_entry(label(EventName.PLAN_IMPORTED), AT, "Portal") }}
  </ol>
  {{ print_button() }} {{ side_link("#", "Unduh Excel", "download") }}
  {% call form_tag(form, "/kirim") %}
    {% call decision_bar("Versi ke-2, 3 berkas") %}
      {{ submit("Setujui", "check-lg", "positive", "action", "approve") }}
      {{ side_submit("Kembalikan", "arrow-return-left", "warning", "action", "return") }}
      {{ side_submit("Tolak", "x-circle-fill", "destructive", "action", "reject") }}
    {% endcall %}
  {% endcall %}
{% endblock %}"""

UPLOAD = """{% block title %}Unggah bukti{% endblock %}
{% block content %}
  {% call form_tag(form, multipart=true) %}
    {{ field(form.number, "Seperti tertulis pada dokumen", autocomplete="off") }}
    {{ field(form.files, "PDF, Word, Excel, JPG atau PNG. Foto HP boleh.", **{"data-max-bytes": 2000}) }}
    {{ field(form.note, rows=4) }}{{ field(form.role) }}{{ field(form.months, "Boleh lebih dari satu") }}
    {{ field(form.dated) }}{{ field(form.area) }}{{ field(form.sure) }}
    <div class="button-row">{{ submit("Simpan ke indikator") }}{{ side_link("#", "Batal") }}</div>
  {% endcall %}
{% endblock %}"""


class UploadForm(PortalForm):
    number = StringField("Nomor dokumen", [InputRequired()])
    files = MultipleFileField("Berkas bukti", [Optional()])
    note = TextAreaField("Catatan untuk pemeriksa")
    role = RadioField("Peran", [InputRequired()], choices=choices_of(Role))
    months = CheckboxesField("Bulan yang dijawab", choices=[choice("8", "Agustus 2025"), choice("9", "September 2025")])
    dated = DateField("Tanggal dokumen", [Optional()])
    area = SelectField("Area", choices=[choice("I", "I. Manajemen Perubahan"), choice("II", "II. Tata Laksana")])
    sure = BooleanField("Saya sudah memeriksa isi berkas")


NAMES: dict[str, object] = {
    "State": State,
    "Classification": Classification,
    "EventName": EventName,
    "Role": Role,
    "AT": AT,
    "SHA256": SHA256,
    "address": "?halaman={}".format,
}


def add_sample_pages(app: Flask) -> None:
    """Serve the pages to whoever is signed in, and `/kirim` where their buttons lead."""

    def page(source: str) -> ResponseReturnValue:
        form = UploadForm()
        form.validate_on_submit()
        shown = {"form": form} if source != TASKS else {}
        return render_template_string(IMPORTS + source, **NAMES, **shown), form.status

    mark = signed_in("a sample")
    for path, source in (("/tugas", TASKS), ("/indikator", INDICATOR), ("/unggah", UPLOAD)):
        app.add_url_rule(path, path[1:], mark(lambda source=source: page(source)), methods=["GET", "POST"])
    app.add_url_rule("/kirim", "receive", mark(lambda: "diterima"), methods=["POST"])
