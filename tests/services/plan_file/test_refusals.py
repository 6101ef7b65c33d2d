"""A broken plan file is refused whole, with every error and its place."""

import pytest

from portal.domain.classification import Classification
from portal.services.plan_file import PlanFileInvalid, read_plan
from tests.services.plan_file.small_plan import SMALL_PLAN, broken_plan, line_with

INDICATOR = "areas[0].components[0].indicators"


def errors_of(data: bytes) -> list[tuple[str, str]]:
    """Place and message of each error in `data`, which must be refused."""
    with pytest.raises(PlanFileInvalid) as refused:
        read_plan(data)
    return [(error.place, error.message) for error in refused.value.errors]


def test_the_plan_that_the_cases_break_is_good() -> None:
    plan = read_plan(SMALL_PLAN.encode())
    assert plan.totals.slots == 3
    assert plan.lateness_from == plan.decree_date
    assert [i.requirements[0].classification for i in plan.indicators] == [
        Classification.BIASA,
        Classification.TERBATAS,
    ]


@pytest.mark.parametrize(
    ("old", "new", "path", "said"),
    [
        # wrong type
        ('title: "Rencana Aksi"', "title: 7", "document.title", "harus ada teks"),
        ('title: "Rencana Aksi"', "title: [a]", "document.title", "harus ada teks"),
        ('name: "Area satu"', "name: No", "areas[0].name", "harus ada teks"),
        ("year: 2025", 'year: "2025"', "document.year", "bilangan bulat 2000 sampai 2100"),
        ("year: 2025", "year: 1999", "document.year", "bilangan bulat 2000 sampai 2100"),
        ("year: 2025", "year: 0x7e9", "document.year", "bilangan bulat 2000 sampai 2100"),
        ("year: 2025", "year: 33:45", "document.year", "bilangan bulat 2000 sampai 2100"),
        ("year: 2025", "year: 2025.0", "document.year", "bilangan bulat 2000 sampai 2100"),
        ("year: 2025", f"year: {'9' * 5000}", "document.year", "bilangan bulat 2000 sampai 2100"),
        ('due: ["2025-08"]', 'due: "2025-08"', f"{INDICATOR}[0].due", "harus ada daftar"),
        ('actions: ["Langkah satu"]', "actions: []", f"{INDICATOR}[0].actions", "Daftar berisi 0 butir"),
        ('["Langkah satu"]', "[{a: b}]", f"{INDICATOR}[0].actions[0]", "harus ada teks"),
        # empty
        ('place: "Bangko"', 'place: "  "', "document.place", "Teksnya kosong"),
        ('place: "Bangko"', "place:", "document.place", "Nilainya kosong"),
        ('place: "Bangko"', 'place: " Bangko"', "document.place", "diawali atau diakhiri spasi"),
        ('place: "Bangko"', f'place: "{"x" * 101}"', "document.place", "paling panjang 100"),
        # hidden characters
        ("Indikator satu", "Indikator\\x07satu", f"{INDICATOR}[0].indicator", "U+0007"),
        ("Indikator satu", "Indikator\\nsatu", f"{INDICATOR}[0].indicator", "U+000A"),
        ("Indikator satu", "Indikator \u202esatu", f"{INDICATOR}[0].indicator", "U+202E"),
        ("Indikator satu", "Indikator\\u2028satu", f"{INDICATOR}[0].indicator", "U+2028"),
        # numbers and codes
        ("seq: 2", "seq: 1", f"{INDICATOR}[1]", "Nomor 1 muncul dua kali"),
        ("seq: 2", "seq: 3", f"{INDICATOR}[1]", "seharusnya nomor 2"),
        ('"no": 1', '"no": 2', "areas[0].components[0]", "seharusnya nomor 1"),
        ('"no": 1', '"no": 0', "areas[0].components[0].no", "bilangan bulat 1 sampai 999"),
        ('"no": 1', '"no":', "areas[0].components[0].no", "Nilainya kosong"),
        ('"Bukti dua"]', '"Bukti satu"]', f"{INDICATOR}[0].evidence[1]", "muncul dua kali"),
        ('code: "I"', 'code: "I/2"', "areas[0].code", '"I/2" bukan kode'),
        ('code: "KPU"', 'code: "KPU_1"', "units[0].code", '"KPU_1" bukan kode'),
        # months and recurrence
        ('"2025-08"', '"2025-13"', f"{INDICATOR}[0].due[0]", '"2025-13" bukan bulan'),
        ('"2025-08"', '"Agustus"', f"{INDICATOR}[0].due[0]", '"Agustus" bukan bulan'),
        ('"2025-08"', '"0000-08"', f"{INDICATOR}[0].due[0]", "bukan bulan"),
        ('"2025-08"', '"٢٠٢٥-08"', f"{INDICATOR}[0].due[0]", "bukan bulan"),
        ('decree_date: "2025-09-22"', 'decree_date: "2025-02-30"', "document.decree_date", "bukan tanggal"),
        ('"2025-04", "2025-05"', '"2025-05", "2025-05"', f"{INDICATOR}[1].due[1]", "Bulan muncul dua kali"),
        ('"2025-04", "2025-05"', '"2025-04", "2025-06"', f"{INDICATOR}[1].due", "tanpa ada bulan yang terlewat"),
        ('["2025-08"]', '["2025-08", "2025-09"]', f"{INDICATOR}[0].due", "tepat satu bulan"),
        ("recurrence: once", "recurrence: sometimes", f"{INDICATOR}[0].recurrence", "once, listed, range, monthly"),
        # classes
        ("classification: terbatas", "classification: umum", f"{INDICATOR}[1].classification", "biasa, terbatas"),
        # keys
        ('name: "Area satu"', 'naem: "x"\n    name: "Area satu"', "areas[0]", '"naem" tidak dikenal'),
        ('"no": 1', '"no": 1\n        "no": 1', "areas[0].components[0]", "muncul dua kali (pertama pada baris"),
        ("seq: 1", "seq: 1\n            7: x", f"{INDICATOR}[0]", "Nama isian harus berupa teks"),
        ("seq: 1", "seq: 1\n            ? [a]\n            : x", f"{INDICATOR}[0]", "Nama isian harus berupa teks"),
        ("seq: 1", "seq: 1\n            <<: {a: b}", f"{INDICATOR}[0]", "Nama isian harus berupa teks"),
        # units
        ('under: "KPU"', 'under: "KPX"', "units[1]", "di bawah unit sebelumnya"),
        ('    under: "KPU"\n', "", "units[1]", "di bawah unit sebelumnya"),
    ],
)
def test_one_wrong_place(old: str, new: str, path: str, said: str) -> None:
    places = [place for place, message in errors_of(broken_plan((old, new))) if said in message]
    assert [place.rpartition(", baris ")[0] for place in places] == [path]


def test_the_line_is_that_of_the_wrong_value() -> None:
    ((place, _),) = errors_of(broken_plan(('"2025-05"', '"2025-15"')))
    assert place == f"areas[0].components[0].indicators[1].due[1], baris {line_with('2025-05')}"


def test_a_bare_no_is_told_apart_and_missed() -> None:
    """YAML 1.1 reads the key `no` as false, which would lose the component's number."""
    errors = errors_of(broken_plan(('"no": 1', "no: 1")))
    assert [message.partition(".")[0] for _, message in errors] == [
        "Nama isian no tanpa kutip dibaca YAML sebagai ya/tidak",
        'Isian "no" tidak ada',
    ]


def test_a_missing_number_is_named() -> None:
    ((place, message),) = errors_of(broken_plan(("seq: 2\n            ", "")))
    assert place == f"areas[0].components[0].indicators[1], baris {line_with('seq: 2')}"
    assert message == 'Isian "seq" tidak ada. Tambahkan.'


def test_a_restricted_class_needs_its_reason_and_a_reason_its_class() -> None:
    ((place, message),) = errors_of(broken_plan(('            classification_reason: "Memuat data pribadi."\n', "")))
    assert place.startswith("areas[0].components[0].indicators[1].classification,")
    assert "memerlukan alasan" in message
    ((place, message),) = errors_of(broken_plan(("            classification: terbatas\n", "")))
    assert place.startswith("areas[0].components[0].indicators[1].classification_reason,")
    assert "alasan tanpa klasifikasi" in message


def test_a_repeated_area_code_is_refused() -> None:
    area = SMALL_PLAN[SMALL_PLAN.index('  - code: "I"') :]
    ((place, message),) = errors_of((SMALL_PLAN + area).encode())
    assert place.startswith("areas[1],")
    assert (
        message
        == f'Kode area "I" muncul dua kali (pertama pada baris {line_with("code: " + chr(34) + "I" + chr(34))}).'
    )


def test_every_error_is_named_in_the_order_of_the_file() -> None:
    errors = errors_of(
        broken_plan(
            ("year: 2025", "year: kapan"),
            ('place: "Bangko"', 'place: ""'),
            ('"2025-08"', '"2025-00"'),
            ("seq: 2", "seq: dua"),
            ("recurrence: range", "recurrence: tiap"),
        )
    )
    assert [place.rpartition(", ")[0] for place, _ in errors] == [
        "document.place",
        "document.year",
        "areas[0].components[0].indicators[0].due[0]",
        "areas[0].components[0].indicators[1].seq",
        "areas[0].components[0].indicators[1].recurrence",
    ]


@pytest.mark.parametrize("data", [b"[]", b"42", b"rencana", b"~", b"a: b"])
def test_another_yaml_file_is_told_what_is_missing(data: bytes) -> None:
    assert any("document" in message or "kosong" in message for _, message in errors_of(data))


@pytest.mark.parametrize("data", [b"", b"\n\n", b"# hanya catatan\n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_called_empty(data: bytes) -> None:
    ((_, message),) = errors_of(data)
    assert message.startswith("Berkas kosong")


def test_a_byte_order_mark_is_no_error() -> None:
    assert read_plan(b"\xef\xbb\xbf" + SMALL_PLAN.encode()).title == "Rencana Aksi"


def test_small_items_may_not_multiply_into_many_slots() -> None:
    months = ", ".join(f'"{2020 + n // 12}-{n % 12 + 1:02}"' for n in range(36))
    evidence = ", ".join(f"b{n}" for n in range(200))
    one = SMALL_PLAN[SMALL_PLAN.index("          - seq: 1") : SMALL_PLAN.index("          - seq: 2")]
    many = (
        one.replace('"2025-08"', months)
        .replace('"Bukti satu", "Bukti dua"', evidence)
        .replace("recurrence: once", "recurrence: monthly")
    )
    indicators = "".join(many.replace("seq: 1", f"seq: {n}") for n in (1, 2, 3))
    ((_, message),) = errors_of(SMALL_PLAN.replace(SMALL_PLAN[SMALL_PLAN.index(one) :], indicators).encode())
    assert message.startswith("Rencana ini menghasilkan 21600 slot waktu; paling banyak 20000.")
