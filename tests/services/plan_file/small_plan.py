"""A plan file of two indicators, for tests that break it in one place."""

SMALL_PLAN = """\
units:
  - code: "KPU"
    name: "KPU RI"
    timezone: "Asia/Jakarta"
  - code: "KPU-15"
    name: "KPU Provinsi Jambi"
    under: "KPU"
    timezone: "Asia/Jakarta"
document:
  title: "Rencana Aksi"
  decree_number: "19 Tahun 2025"
  decree_date: "2025-09-22"
  issuer: "KPU"
  place: "Bangko"
  year: 2025
  signatory: "KETUA"
areas:
  - code: "I"
    name: "Area satu"
    components:
      - "no": 1
        name: "Komponen satu"
        indicators:
          - seq: 1
            indicator: "Indikator satu"
            actions: ["Langkah satu"]
            evidence: ["Bukti satu", "Bukti dua"]
            evidence_text: "Bukti satu, Bukti dua"
            target_text: "Agustus 2025"
            due: ["2025-08"]
            recurrence: once
          - seq: 2
            indicator: "Indikator dua"
            actions: ["Langkah dua"]
            evidence: ["Bukti tiga"]
            evidence_text: "Bukti tiga"
            target_text: "April-Mei 2025"
            due: ["2025-04", "2025-05"]
            recurrence: range
            classification: terbatas
            classification_reason: "Memuat data pribadi."
"""


def broken_plan(*replacements: tuple[str, str]) -> bytes:
    """SMALL_PLAN with the first occurrence of each text replaced; the text must be there."""
    text = SMALL_PLAN
    for old, new in replacements:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text.encode()


def line_with(text: str) -> int:
    """The line of SMALL_PLAN, from 1, on which `text` stands first."""
    return next(number for number, line in enumerate(SMALL_PLAN.split("\n"), start=1) if text in line)
