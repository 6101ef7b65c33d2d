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
        problems.append("PORTAL_CLAMD: must be the path of clamd's socket, such as /run/clamav/clamd.ctl, or host:port")
    if settings.security_contact and not settings.security_contact.startswith(("mailto:", "https://")):
        problems.append("PORTAL_SECURITY_CONTACT: must begin with mailto: or https://, as RFC 9116 wants it")
    if not _zone_exists(settings.timezone):
        problems.append(f"PORTAL_TIMEZONE: no such zone: {settings.timezone!r}; use for instance Asia/Jakarta")
    if settings.second_factor not in SECOND_FACTOR:
        problems.append(f"PORTAL_SECOND_FACTOR: must be {' or '.join(SECOND_FACTOR)}, not {settings.second_factor!r}")
    if problems:
        raise ConfigInvalid(problems)


def _secret_problems(settings: Settings) -> list[str]:
    if len(settings.secret_key) < MIN_SECRET_LENGTH or len(set(settings.secret_key)) < 8:
        return [
            f"PORTAL_SECRET_KEY: missing or weak; set {MIN_SECRET_LENGTH} random characters or more, "
            "for instance from: python3 -c 'import secrets; print(secrets.token_urlsafe(48))'"
        ]
    return []


def _database_problems(variable: str, url: str) -> list[str]:
    """The address itself is not repeated: it may hold a password."""
    try:
        database = make_url(url)
    except ArgumentError:
        return [f"{variable}: not a database address; use for instance sqlite:////srv/portal/portal.sqlite3"]
    if database.drivername not in DATABASES:
        return [f"{variable}: must begin with one of {', '.join(DATABASES)}, not {database.drivername}"]
    if database.database in {None, "", ":memory:"}:
        return [f"{variable}: names no database; one in memory would be lost at the end"]
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
        return [f"{variable}: must name the same PostgreSQL database as PORTAL_DATABASE_URL, or be empty"]
    return []


def _store_problems(settings: Settings) -> list[str]:
    if settings.store not in STORES:
        return [f"PORTAL_STORE: must be one of {', '.join(STORES)}, not {settings.store!r}"]
    if settings.store == "local":
        return [] if settings.store_dir else ["PORTAL_STORE_DIR: missing"]
    needed = ("s3_endpoint", "s3_bucket", "s3_access_key", "s3_secret_key")
    problems = [
        f"{PREFIX}{name.upper()}: needed with PORTAL_STORE=s3" for name in needed if not getattr(settings, name)
    ]
    if "minioadmin" in (settings.s3_access_key, settings.s3_secret_key):
        problems.append(
            "PORTAL_S3_ACCESS_KEY/PORTAL_S3_SECRET_KEY: the server's default keys are refused; create own ones"
        )
    return problems


def _anchor_problems(settings: Settings) -> list[str]:
    """What each anchor that is switched on needs; whether it answers shows when it is tried."""
    kinds = listed(settings.anchors)
    if unknown := [kind for kind in kinds if kind not in ANCHORS]:
        return [f"PORTAL_ANCHORS: can list {', '.join(ANCHORS)}, not {', '.join(unknown)}"]
    problems = [
        f"{PREFIX}{name.upper()}: needed with {kind} in PORTAL_ANCHORS"
        for kind in kinds
        for name in ANCHORS[kind]
        if not getattr(settings, name)
    ]
    if "store" in kinds and settings.store != "s3":
        problems.append("PORTAL_ANCHORS: store needs PORTAL_STORE=s3; a folder of our own cannot be locked against us")
    for url in listed(settings.tsa_urls):
        if not _is_web_address(url):
            problems.append(f"PORTAL_TSA_URLS: {url!r} is no address that begins with http:// or https://")
    if settings.tsa_ca and not Path(settings.tsa_ca).is_file():
        problems.append("PORTAL_TSA_CA: no such file; it holds the certificates (PEM) of the authorities to trust")
    return problems


def _mail_problems(settings: Settings) -> list[str]:
    """The server's address itself is not repeated: it may hold a password."""
    problems = []
    if settings.mail_url and settings.mail_url.partition("://")[0] not in MAIL_SCHEMES:
        problems.append(f"PORTAL_MAIL_URL: must begin with one of {', '.join(f'{s}://' for s in MAIL_SCHEMES)}")
    elif settings.mail_url and not settings.mail_from:
        problems.append("PORTAL_MAIL_FROM: needed with PORTAL_MAIL_URL, such as portal@kantor.go.id")
    if settings.mail_from and "@" not in settings.mail_from:
        problems.append("PORTAL_MAIL_FROM: must be an address, such as portal@kantor.go.id")
    if any("@" not in address for address in listed(settings.anchor_mail_to)):
        problems.append("PORTAL_ANCHOR_MAIL_TO: must be addresses, separated by commas")
    return problems


def _oidc_problems(settings: Settings) -> list[str]:
    """All of it or nothing, and only with the extra that speaks it."""
    needed = ("oidc_issuer", "oidc_client_id", "oidc_client_secret")
    if not any(getattr(settings, name) for name in needed):
        return []
    problems = [
        f"{PREFIX}{name.upper()}: needed with the other PORTAL_OIDC_ settings"
        for name in needed
        if not getattr(settings, name)
    ]
    issuer = settings.oidc_issuer
    is_local = _is_web_address(issuer) and is_loopback(urlsplit(issuer).hostname or "")
    if issuer and not (is_local or (_is_web_address(issuer) and issuer.startswith("https://"))):
        problems.append("PORTAL_OIDC_ISSUER: must begin with https://, but for a provider on this machine")
    if len(issuer) > 200:
        problems.append("PORTAL_OIDC_ISSUER: must not be longer than 200 characters")
    if not all(find_spec(package) for package in OIDC_PACKAGES):
        problems.append("PORTAL_OIDC_ISSUER: needs the extra: pip install 'portal-bukti-zi[oidc]'")
    return problems


def _number_problems(settings: Settings) -> list[str]:
    problems = []
    if not 0 <= settings.proxy_hops <= 5:
        problems.append("PORTAL_PROXY_HOPS: must be 0 to 5, the number of proxies in front of the portal")
    if not 1 <= settings.anchor_max_hours <= 24 * 366:
        problems.append("PORTAL_ANCHOR_MAX_HOURS: must be 1 to 8784 hours, from one event to the anchor that covers it")
    if not 0 < settings.max_file_bytes <= settings.max_request_bytes:
        problems.append("PORTAL_MAX_FILE_BYTES: must be above 0 and not above PORTAL_MAX_REQUEST_BYTES")
    for name in ("max_indicator_bytes", "max_day_bytes"):
        if getattr(settings, name) < min(settings.max_file_bytes, settings.max_request_bytes):
            problems.append(f"{PREFIX}{name.upper()}: must not be below PORTAL_MAX_FILE_BYTES")
    if settings.min_free_bytes < 0:
        problems.append("PORTAL_MIN_FREE_BYTES: must be the bytes of the disk that stay free, 0 or more")
    return problems


def _public_url_problems(settings: Settings) -> list[str]:
    if not _is_web_address(settings.public_url):
        return ["PORTAL_PUBLIC_URL: must be an address that begins with http:// or https:// and names a host"]
    if settings.leaves_this_machine_unencrypted and not settings.plain_http:
        return [
            "PORTAL_PUBLIC_URL: with http:// everybody in the network can read passwords and evidence; put a proxy "
            "with TLS in front and give its https:// address, or, if you must, set PORTAL_PLAIN_HTTP=true"
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
