"""The seven roles of a membership. What each may do is decided in `policy.py` alone."""

from enum import StrEnum


class Role(StrEnum):
    """Role of a person in a unit (domain glossary: Pengunggah, Koordinator Area, Anggota TPI, Ketua TPI, Auditor,
    Pimpinan, Admin).
    """

    UPLOADER = "uploader"
    AREA_COORDINATOR = "area_coordinator"
    TPI_MEMBER = "tpi_member"
    TPI_LEAD = "tpi_lead"
    AUDITOR = "auditor"
    LEADER = "leader"
    ADMIN = "admin"
