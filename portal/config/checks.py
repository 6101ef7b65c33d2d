"""Whether settings can be right: each complaint is one sentence that names the variable and the remedy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from portal.config.settings import PREFIX, ConfigInvalid, Settings, is_loopback, listed

OIDC_PACKAGES = ("authlib", "joserfc")
"""What the extra `oidc` installs."""

MIN_SECRET_LENGTH = 32
STORES = ("local", "s3")
SECOND_FACTOR = ("required", "optional")
DATABASES = ("sqlite", "postgresql+psycopg")
MAIL_SCHEMES = ("smtp", "smtp+starttls", "smtps")
ANCHORS: Mapping[str, tuple[str, ...]] = {
    "mail": ("mail_url", "mail_from"),
    "store": (),
    "timestamp": ("tsa_urls", "tsa_ca"),
}
"""Anchors that PORTAL_ANCHORS can list, each with the settings that it needs."""


def check(settings: Settings) -> None:
    """Refuse settings that are missing, default or contradictory; raises ConfigInvalid."""
    problems = [
        *_secret_problems(settings),
        *_database_problems("PORTAL_DATABASE_URL", settings.database_url),
        *_migration_problems(settings),
        *_store_problems(settings),
        *_anchor_problems(settings),
        *_mail_problems(settings),
        *_number_problems(settings),
        *_public_url_problems(settings),
        *_oidc_problems(settings),
    ]
    if settings.clamd and not settings.clamd.startswith("/") and not re.fullmatch(r"[^:\s]+:\d{1,5}", settings.clamd):
        problems.append("PORTAL_CLAMD: isi jalur soket clamd, misalnya /run/clamav/clamd.ctl, atau host:port.")
    if settings.security_contact and not settings.security_contact.startswith(("mailto:", "https://")):
        problems.append("PORTAL_SECURITY_CONTACT: awali dengan mailto: atau https://, seperti diminta RFC 9116.")
    if not _zone_exists(settings.timezone):
        problems.append(f"PORTAL_TIMEZONE: zona {settings.timezone!r} tidak ada. Isi misalnya Asia/Jakarta.")
    if settings.second_factor not in SECOND_FACTOR:
        problems.append(f"PORTAL_SECOND_FACTOR: isi {' atau '.join(SECOND_FACTOR)}, bukan {settings.second_factor!r}.")
    if problems:
        raise ConfigInvalid(problems)


def _secret_problems(settings: Settings) -> list[str]:
    if len(settings.secret_key) < MIN_SECRET_LENGTH or len(set(settings.secret_key)) < 8:
        return [
            f"PORTAL_SECRET_KEY: belum diisi atau mudah ditebak. Isi paling sedikit {MIN_SECRET_LENGTH} karakter acak, "
            "misalnya dari: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
        ]
    return []


def _database_problems(variable: str, url: str) -> list[str]:
    """The address itself is not repeated: it may hold a password."""
    try:
        database = make_url(url)
    except ArgumentError:
        return [f"{variable}: bukan alamat basis data. Isi misalnya sqlite:////srv/portal/portal.sqlite3"]
    if database.drivername not in DATABASES:
        return [f"{variable}: awali dengan salah satu dari {', '.join(DATABASES)}, bukan {database.drivername}."]
    if database.database in {None, "", ":memory:"}:
        return [f"{variable}: nama basis datanya tidak ada. Yang hanya di memori akan hilang saat portal berhenti."]
    return []


def _migration_problems(settings: Settings) -> list[str]:
    """It is the same database, reached by somebody who may change the schema, which only PostgreSQL can tell apart."""
    variable, url = "PORTAL_MIGRATION_DATABASE_URL", settings.migration_database_url
    if not url:
        return []
    problems = _database_problems(variable, url)
    if problems or _database_problems("", settings.database_url):
        return problems
    own, owners = make_url(settings.database_url), make_url(url)
    if owners.drivername == "sqlite" or (own.drivername, own.database) != (owners.drivername, owners.database):
        return [f"{variable}: isi basis data PostgreSQL yang sama dengan PORTAL_DATABASE_URL, atau kosongkan."]
    return []


def _store_problems(settings: Settings) -> list[str]:
    if settings.store not in STORES:
        return [f"PORTAL_STORE: isi salah satu dari {', '.join(STORES)}, bukan {settings.store!r}."]
    if settings.store == "local":
        return [] if settings.store_dir else ["PORTAL_STORE_DIR: belum diisi. Isi folder tempat berkas disimpan."]
    needed = ("s3_endpoint", "s3_bucket", "s3_access_key", "s3_secret_key")
    problems = [
        f"{PREFIX}{name.upper()}: wajib diisi bila PORTAL_STORE=s3." for name in needed if not getattr(settings, name)
    ]
    if "minioadmin" in (settings.s3_access_key, settings.s3_secret_key):
        problems.append(
            "PORTAL_S3_ACCESS_KEY/PORTAL_S3_SECRET_KEY: kunci bawaan server tidak boleh dipakai. Buat kunci sendiri."
        )
    return problems


def _anchor_problems(settings: Settings) -> list[str]:
    """What each anchor that is switched on needs; whether it answers shows when it is tried."""
    kinds = listed(settings.anchors)
    if unknown := [kind for kind in kinds if kind not in ANCHORS]:
        return [f"PORTAL_ANCHORS: pilihannya {', '.join(ANCHORS)}, bukan {', '.join(unknown)}."]
    problems = [
        f"{PREFIX}{name.upper()}: wajib diisi bila PORTAL_ANCHORS memuat {kind}."
        for kind in kinds
        for name in ANCHORS[kind]
        if not getattr(settings, name)
    ]
    if "store" in kinds and settings.store != "s3":
        problems.append(
            "PORTAL_ANCHORS: store perlu PORTAL_STORE=s3; folder sendiri tidak dapat dikunci terhadap kita."
        )
    for url in listed(settings.tsa_urls):
        if not _is_web_address(url):
            problems.append(f"PORTAL_TSA_URLS: {url!r} bukan alamat yang diawali http:// atau https://.")
    if settings.tsa_ca and not Path(settings.tsa_ca).is_file():
        problems.append("PORTAL_TSA_CA: berkasnya tidak ada. Isinya sertifikat (PEM) otoritas yang dipercaya.")
    return problems


def _mail_problems(settings: Settings) -> list[str]:
    """The server's address itself is not repeated: it may hold a password."""
    problems = []
    if settings.mail_url and settings.mail_url.partition("://")[0] not in MAIL_SCHEMES:
        problems.append(f"PORTAL_MAIL_URL: awali dengan salah satu dari {', '.join(f'{s}://' for s in MAIL_SCHEMES)}.")
    elif settings.mail_url and not settings.mail_from:
        problems.append("PORTAL_MAIL_FROM: wajib diisi bersama PORTAL_MAIL_URL, misalnya portal@kantor.go.id")
    if settings.mail_from and "@" not in settings.mail_from:
        problems.append("PORTAL_MAIL_FROM: isi alamat email, misalnya portal@kantor.go.id")
    if any("@" not in address for address in listed(settings.anchor_mail_to)):
        problems.append("PORTAL_ANCHOR_MAIL_TO: isi alamat email, dipisahkan koma.")
    return problems


def _oidc_problems(settings: Settings) -> list[str]:
    """All of it or nothing, and only with the extra that speaks it."""
    needed = ("oidc_issuer", "oidc_client_id", "oidc_client_secret")
    if not any(getattr(settings, name) for name in needed):
        return []
    problems = [
        f"{PREFIX}{name.upper()}: wajib diisi bersama pengaturan PORTAL_OIDC_ lainnya."
        for name in needed
        if not getattr(settings, name)
    ]
    issuer = settings.oidc_issuer
    is_local = _is_web_address(issuer) and is_loopback(urlsplit(issuer).hostname or "")
    if issuer and not (is_local or (_is_web_address(issuer) and issuer.startswith("https://"))):
        problems.append("PORTAL_OIDC_ISSUER: awali dengan https://, kecuali penyedianya di komputer ini.")
    if len(issuer) > 200:
        problems.append("PORTAL_OIDC_ISSUER: paling panjang 200 karakter.")
    if not all(find_spec(package) for package in OIDC_PACKAGES):
        problems.append("PORTAL_OIDC_ISSUER: perlu paket tambahan. Jalankan: pip install 'portal-bukti-zi[oidc]'")
    return problems


def _number_problems(settings: Settings) -> list[str]:
    problems = []
    if not 0 <= settings.proxy_hops <= 5:
        problems.append("PORTAL_PROXY_HOPS: isi 0 sampai 5, yaitu jumlah proksi di depan portal.")
    if not 1 <= settings.anchor_max_hours <= 24 * 366:
        problems.append(
            "PORTAL_ANCHOR_MAX_HOURS: isi 1 sampai 8784 jam, dari kejadian sampai checkpoint di luar yang mencakupnya."
        )
    if not 0 < settings.max_file_bytes <= settings.max_request_bytes:
        problems.append("PORTAL_MAX_FILE_BYTES: isi lebih dari 0 dan tidak melebihi PORTAL_MAX_REQUEST_BYTES.")
    for name in ("max_indicator_bytes", "max_day_bytes"):
        if getattr(settings, name) < min(settings.max_file_bytes, settings.max_request_bytes):
            problems.append(f"{PREFIX}{name.upper()}: tidak boleh di bawah PORTAL_MAX_FILE_BYTES.")
    if settings.min_free_bytes < 0:
        problems.append("PORTAL_MIN_FREE_BYTES: isi jumlah bita cakram yang harus tetap kosong, 0 atau lebih.")
    return problems


def _public_url_problems(settings: Settings) -> list[str]:
    if not _is_web_address(settings.public_url):
        return ["PORTAL_PUBLIC_URL: isi alamat yang diawali http:// atau https:// dan menyebut nama host."]
    if settings.leaves_this_machine_unencrypted and not settings.plain_http:
        return [
            "PORTAL_PUBLIC_URL: dengan http:// siapa pun di jaringan dapat membaca kata sandi dan bukti. Pasang proksi "
            "dengan TLS di depan portal dan isi alamat https://-nya, atau, bila terpaksa, isi PORTAL_PLAIN_HTTP=true."
        ]
    return []


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname)


def _zone_exists(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True
