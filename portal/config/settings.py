"""Every setting of one installation, with its default; not where a value comes from, nor whether it can be right."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

PREFIX = "PORTAL_"
INSTANCE = Path(__file__).resolve().parents[2] / "instance"
MIGRATIONS = INSTANCE.parent / "migrations"


class ConfigInvalid(Exception):
    """Settings that cannot start the portal; `problems` is one sentence each, naming the variable and the remedy."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Every setting with its default; those without a safe one are empty and refused by `check`."""

    secret_key: str = field(default="", repr=False)
    database_url: str = field(default=f"sqlite:///{INSTANCE / 'portal.sqlite3'}", repr=False)
    migration_database_url: str = field(default="", repr=False)
    store: str = "local"
    store_dir: str = str(INSTANCE / "objects")
    s3_endpoint: str = ""
    s3_bucket: str = ""
    s3_access_key: str = ""
    s3_secret_key: str = field(default="", repr=False)
    s3_secure: bool = True
    signer: str = ""
    anchors: str = ""
    anchor_mail_to: str = ""
    anchor_max_hours: int = 48
    mail_url: str = field(default="", repr=False)
    mail_from: str = ""
    tsa_urls: str = ""
    tsa_ca: str = ""
    file_check_public: bool = False
    security_contact: str = ""
    second_factor: str = "required"
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = field(default="", repr=False)
    oidc_label: str = "akun kantor"
    timezone: str = "Asia/Jakarta"
    public_url: str = "http://127.0.0.1:8080"
    plain_http: bool = False
    trusted_hosts: str = ""
    proxy_hops: int = 0
    max_file_bytes: int = 100 * 1024 * 1024
    max_request_bytes: int = 512 * 1024 * 1024
    max_indicator_bytes: int = 20 * 1024**3
    max_day_bytes: int = 5 * 1024**3
    min_free_bytes: int = 1024**3
    clamd: str = ""

    @property
    def hosts(self) -> tuple[str, ...]:
        """Host names that a request may name; empty means the one of `public_url`."""
        return listed(self.trusted_hosts) or (urlsplit(self.public_url).hostname or "",)

    @property
    def serves_tls(self) -> bool:
        return self.public_url.startswith("https://")

    @property
    def leaves_this_machine_unencrypted(self) -> bool:
        """Whether passwords and evidence cross a network as plain text."""
        return not self.serves_tls and not is_loopback(urlsplit(self.public_url).hostname or "")

    @property
    def requires_second_factor(self) -> bool:
        return self.second_factor == "required"


def listed(value: str) -> tuple[str, ...]:
    """The entries of a setting that is a list: separated by commas, spaces around them do not count."""
    return tuple(entry.strip() for entry in value.split(",") if entry.strip())


def is_loopback(host: str) -> bool:
    """Whether a host name is this machine itself (RFC 1122 §3.2.1.3, RFC 6761 §6.3)."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
