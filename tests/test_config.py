"""Settings: where each value comes from, and that whatever cannot be right is refused by the name of its variable."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import pytest

from portal import create_app
from portal.config import ANCHORS, SECRETS, ConfigInvalid, Settings, load_settings
from portal.domain.anchor import SENT_KINDS

SECRET = "0123456789abcdefghijklmnopqrstuvwxyz"
GOOD = {"PORTAL_SECRET_KEY": SECRET}
S3 = {
    "PORTAL_STORE": "s3",
    "PORTAL_S3_ENDPOINT": "minio.kantor.invalid:9000",
    "PORTAL_S3_BUCKET": "bukti",
    "PORTAL_S3_ACCESS_KEY": "portal",
    "PORTAL_S3_SECRET_KEY": "a secret of our own",
}

OIDC = {
    "PORTAL_OIDC_ISSUER": "https://masuk.kantor.invalid",
    "PORTAL_OIDC_CLIENT_ID": "portal",
    "PORTAL_OIDC_CLIENT_SECRET": "a secret of the portal",
}


def problems_of(environment: dict[str, str]) -> list[str]:
    with pytest.raises(ConfigInvalid) as refusal:
        load_settings(environment)
    return refusal.value.problems


def test_a_secret_is_all_that_the_small_installation_needs() -> None:
    settings = load_settings(GOOD)
    assert (settings.store, settings.database_url[:10], settings.hosts) == ("local", "sqlite:///", ("127.0.0.1",))
    assert not settings.serves_tls


def test_the_s3_store_starts_with_all_its_settings() -> None:
    settings = load_settings(GOOD | S3)
    assert (settings.store, settings.s3_bucket, settings.s3_secure) == ("s3", "bukti", True)


REFUSED: list[tuple[str, str]] = [
    ("SECRET_KEY", ""),
    ("SECRET_KEY", "too short"),
    ("SECRET_KEY", "x" * 64),
    ("DATABASE_URL", ""),
    ("DATABASE_URL", "portal.sqlite3"),
    ("DATABASE_URL", "sqlite://"),
    ("DATABASE_URL", "sqlite:///:memory:"),
    ("DATABASE_URL", "mysql://portal@db/portal"),
    ("DATABASE_URL", "postgresql://portal@db/portal"),
    ("DATABASE_URL", "postgresql+psycopg://portal@db"),
    ("MIGRATION_DATABASE_URL", "portal.sqlite3"),
    ("MIGRATION_DATABASE_URL", "mysql://owner@db/portal"),
    ("MIGRATION_DATABASE_URL", "sqlite:////srv/portal.sqlite3"),
    ("MIGRATION_DATABASE_URL", "postgresql+psycopg://owner@db/portal"),
    ("STORE", "ftp"),
    ("STORE", ""),
    ("STORE_DIR", ""),
    ("S3_SECURE", "perhaps"),
    ("S3_SECURE", ""),
    ("TIMEZONE", "Mars/Olympus"),
    ("TIMEZONE", ""),
    ("TIMEZONE", "Asia"),
    ("TIMEZONE", "../etc/passwd"),
    ("PUBLIC_URL", "portal.kantor.invalid"),
    ("PUBLIC_URL", "ftp://portal.kantor.invalid"),
    ("PUBLIC_URL", "https://"),
    ("PUBLIC_URL", "https://[portal"),
    ("PUBLIC_URL", "http://portal.kantor.invalid"),
    ("PLAIN_HTTP", "perhaps"),
    ("SECOND_FACTOR", ""),
    ("SECOND_FACTOR", "off"),
    ("PROXY_HOPS", "-1"),
    ("PROXY_HOPS", "6"),
    ("PROXY_HOPS", "one"),
    ("PROXY_HOPS", "1.5"),
    ("ANCHORS", "fax"),
    ("ANCHORS", "store"),
    ("ANCHOR_MAX_HOURS", "0"),
    ("ANCHOR_MAIL_TO", "agus"),
    ("MAIL_URL", "mail.kantor.invalid"),
    ("MAIL_FROM", "portal"),
    ("TSA_URLS", "https://tsa.kantor.invalid, tsa2"),
    ("TSA_CA", "/tidak/ada.pem"),
    ("FILE_CHECK_PUBLIC", "perhaps"),
    ("SECURITY_CONTACT", "the admin"),
    ("MAX_FILE_BYTES", "0"),
    ("MAX_FILE_BYTES", str(10**12)),
    ("MAX_REQUEST_BYTES", "much"),
    ("MAX_INDICATOR_BYTES", "1"),
    ("MAX_DAY_BYTES", "1"),
    ("MIN_FREE_BYTES", "-1"),
    ("CLAMD", "clamd"),
]


@pytest.mark.parametrize(("name", "value"), REFUSED)
def test_a_setting_that_cannot_be_right_is_named(name: str, value: str) -> None:
    problems = problems_of(GOOD | {f"PORTAL_{name}": value})
    assert [problem.split(":")[0] for problem in problems] == [f"PORTAL_{name}"]


def test_who_names_a_mail_server_names_a_sender() -> None:
    (problem,) = problems_of(GOOD | {"PORTAL_MAIL_URL": "smtp://mail.kantor.invalid"})
    assert problem.startswith("PORTAL_MAIL_FROM: ")


@pytest.mark.parametrize("missing", sorted(set(S3) - {"PORTAL_STORE"}))
def test_every_setting_of_the_s3_store_is_asked_for(missing: str) -> None:
    environment = {name: value for name, value in (GOOD | S3).items() if name != missing}
    assert [problem.split(":")[0] for problem in problems_of(environment)] == [missing]


@pytest.mark.parametrize("name", ["PORTAL_S3_ACCESS_KEY", "PORTAL_S3_SECRET_KEY"])
def test_the_default_keys_of_the_server_are_refused(name: str) -> None:
    (problem,) = problems_of(GOOD | S3 | {name: "minioadmin"})
    assert name in problem


def test_every_setting_has_a_refusal_or_takes_any_text() -> None:
    refused = {name.lower() for name, _value in REFUSED} | {name.removeprefix("PORTAL_").lower() for name in S3 | OIDC}
    assert {field.name for field in fields(Settings)} - refused == {"signer", "trusted_hosts", "oidc_label"}


@pytest.mark.parametrize("kind", sorted(ANCHORS))
def test_an_anchor_asks_for_what_it_needs(kind: str) -> None:
    named = {problem.split(":")[0] for problem in problems_of(GOOD | {"PORTAL_ANCHORS": kind})}
    assert named == ({f"PORTAL_{name.upper()}" for name in ANCHORS[kind]} or {"PORTAL_ANCHORS"})


def test_the_anchors_that_can_be_listed_are_those_that_the_portal_makes_by_itself() -> None:
    assert set(ANCHORS) == SENT_KINDS


@pytest.mark.parametrize(
    ("variable", "told"),
    [
        ("PORTAL_DATABSE_URL", "pengaturan ini tidak ada. Maksudnya PORTAL_DATABASE_URL?"),
        ("PORTAL_STORE_FILE", "pengaturan ini tidak ada. Maksudnya PORTAL_STORE_DIR?"),
        ("PORTAL_QQQ", "pengaturan ini tidak ada."),
    ],
)
def test_a_variable_that_is_no_setting_is_named(variable: str, told: str) -> None:
    assert problems_of(GOOD | {variable: "x"}) == [f"{variable}: {told}"]


@pytest.mark.parametrize("variable", ["PORTAL_REQUIRE_SERVICES", "PORTAL_TEST_CHROMIUM", "PORTALS", "portal_store"])
def test_a_variable_of_others_is_none_of_our_business(variable: str) -> None:
    assert load_settings(GOOD | {variable: "x"}) == load_settings(GOOD)


def test_all_problems_are_told_at_once() -> None:
    environment = {"PORTAL_STORE": "s3", "PORTAL_TIMEZONE": "?", "PORTAL_PROXY_HOPS": "9"}
    named = {problem.split(":")[0] for problem in problems_of(environment)}
    assert named == {"PORTAL_SECRET_KEY", "PORTAL_TIMEZONE", "PORTAL_PROXY_HOPS", *S3} - {"PORTAL_STORE"}


def write_private(path: Path, text: str) -> str:
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.fixture
def toml(tmp_path: Path) -> Callable[[str], str]:
    def write(text: str) -> str:
        path = tmp_path / "portal.toml"
        return write_private(path, text)

    return write


def test_the_environment_overrides_the_file(toml: Callable[[str], str]) -> None:
    path = toml(f'secret_key = "{SECRET}"\ntimezone = "Asia/Makassar"\nproxy_hops = 1\ns3_secure = false\n')
    settings = load_settings({"PORTAL_CONFIG": path, "PORTAL_TIMEZONE": "Asia/Jayapura"})
    assert (settings.timezone, settings.proxy_hops, settings.s3_secure) == ("Asia/Jayapura", 1, False)


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_a_secret_may_stand_in_a_file_of_its_own_and_the_variable_wins(name: str, tmp_path: Path) -> None:
    in_file, in_variable = (_secret(name, tmp_path, source) for source in ("file", "variable"))
    write_private(tmp_path / "secret", f"{in_file}\n")
    variable = f"PORTAL_{name.upper()}"
    environment = {**GOOD, **NEEDED.get(name, {}), f"{variable}_FILE": str(tmp_path / "secret")}
    environment.pop(variable, None)
    assert getattr(load_settings(environment), name) == in_file
    assert getattr(load_settings(environment | {variable: in_variable}), name) == in_variable


NEEDED = {
    "migration_database_url": {"PORTAL_DATABASE_URL": "postgresql+psycopg://portal_app@db/portal"},
    "mail_url": {"PORTAL_MAIL_FROM": "portal@kantor.invalid"},
    "oidc_client_secret": OIDC,
}
"""What else a secret wants to see."""


def _secret(name: str, folder: Path, source: str) -> str:
    addresses = {
        "database_url": f"sqlite:///{folder}/{source}.sqlite3",
        "migration_database_url": f"postgresql+psycopg://{source}@db/portal",
        "mail_url": f"smtp://{source}.kantor.invalid",
    }
    return addresses.get(name, f"{SECRET} of the {source}")


@pytest.mark.parametrize("name", sorted(SECRETS))
def test_a_secrets_file_that_cannot_be_read_is_named(name: str, tmp_path: Path) -> None:
    variable = f"PORTAL_{name.upper()}_FILE"
    (problem,) = problems_of({variable: str(tmp_path / "gone")})
    assert problem.startswith(f"{variable}: tidak dapat membaca")


@pytest.mark.parametrize("content", ["", "\n", " \n"])
def test_an_empty_secrets_file_is_no_secret(content: str, tmp_path: Path) -> None:
    write_private(tmp_path / "secret", content)
    (problem,) = problems_of({"PORTAL_SECRET_KEY_FILE": str(tmp_path / "secret")})
    assert problem.startswith("PORTAL_SECRET_KEY: belum diisi atau mudah ditebak")


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("secretkey = 'x'", "PORTAL_CONFIG: pengaturan 'secretkey' tidak dikenal"),
        ("[store]\nkind = 's3'", "PORTAL_STORE: isi teks"),
        ("secret_key = 12345678", "PORTAL_SECRET_KEY: isi teks"),
        ("proxy_hops = true", "PORTAL_PROXY_HOPS: isi bilangan bulat"),
        ("proxy_hops = 1.0", "PORTAL_PROXY_HOPS: isi bilangan bulat"),
        ("s3_secure = 'maybe'", "PORTAL_S3_SECURE: isi true atau false"),
        ("s3_secure = 1", "PORTAL_S3_SECURE: isi true atau false"),
        ("timezone = 'Asia/Jakarta", "PORTAL_CONFIG: tidak dapat membaca"),
    ],
)
def test_a_slip_in_the_file_is_named(text: str, named: str, toml: Callable[[str], str]) -> None:
    secret = "" if "secret_key" in text else f"secret_key = {SECRET!r}\n"
    (problem,) = problems_of({"PORTAL_CONFIG": toml(secret + text)})
    assert problem.startswith(named)


@pytest.mark.parametrize("content", [None, b"\xff\xfe"])
def test_a_file_that_cannot_be_read_is_named(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "portal.toml"
    if content is not None:
        path.write_bytes(content)
    (problem,) = problems_of({"PORTAL_CONFIG": str(path)})
    assert problem.startswith("PORTAL_CONFIG: tidak dapat membaca")


@pytest.mark.skipif(os.name == "nt", reason="Windows keeps permissions elsewhere")
@pytest.mark.parametrize("mode", [0o604, 0o644, 0o602])
def test_req_60_a_secret_that_everybody_can_read_stops_the_start(mode: int, tmp_path: Path) -> None:
    path = tmp_path / "secret"
    write_private(path, SECRET)
    path.chmod(mode)
    (problem,) = problems_of({"PORTAL_SECRET_KEY_FILE": str(path)})
    assert problem.startswith("PORTAL_SECRET_KEY_FILE: siapa pun di komputer ini dapat membaca")
    assert f"chmod o-rwx {path}" in problem
    path.write_text(f"secret_key = {SECRET!r}", encoding="utf-8")
    (problem,) = problems_of({"PORTAL_CONFIG": str(path)})
    assert problem.startswith("PORTAL_CONFIG: siapa pun di komputer ini dapat membaca")
    path.write_text("timezone = 'Asia/Jakarta'", encoding="utf-8")
    load_settings(GOOD | {"PORTAL_CONFIG": str(path)})  # no secret in it


@pytest.mark.parametrize("value", ["1", "true", "on", "yes"])
def test_req_60_the_debugger_stops_the_start(value: str) -> None:
    (problem,) = problems_of(GOOD | {"FLASK_DEBUG": value})
    assert problem.startswith("FLASK_DEBUG: ")
    load_settings(GOOD | {"FLASK_DEBUG": "0"})


def test_no_secret_is_ever_repeated(toml: Callable[[str], str]) -> None:
    secrets = {"PORTAL_SECRET_KEY": "hush", "PORTAL_DATABASE_URL": "mysql://a:hush@h/d"}
    told = "\n".join(problems_of(secrets))
    told += "\n".join(problems_of({"PORTAL_CONFIG": toml("secret_key = 4711\n")}))
    told += repr(Settings(secret_key="hush", s3_secret_key="hush", database_url="mysql://a:hush@h/d"))
    assert "hush" not in told
    assert "4711" not in told


@pytest.mark.parametrize(
    ("public_url", "trusted", "hosts"),
    [
        ("https://portal.kantor.invalid", "", ("portal.kantor.invalid",)),
        ("https://portal.kantor.invalid:8443/zi", "", ("portal.kantor.invalid",)),
        ("http://localhost:8080", " a.invalid, b.invalid ,", ("a.invalid", "b.invalid")),
    ],
)
def test_req_61_the_hosts_that_a_request_may_name(public_url: str, trusted: str, hosts: tuple[str, ...]) -> None:
    settings = load_settings(GOOD | {"PORTAL_PUBLIC_URL": public_url, "PORTAL_TRUSTED_HOSTS": trusted})
    assert settings.hosts == hosts
    assert settings.serves_tls is public_url.startswith("https")


@pytest.mark.parametrize("host", ["portal.kantor.invalid", "192.168.1.10:8080", "10.0.0.1", "[fd00::1]", "localhost.x"])
def test_req_60_plain_http_beyond_this_machine_stops_the_start_unless_it_is_asked_for(host: str) -> None:
    environment = GOOD | {"PORTAL_PUBLIC_URL": f"http://{host}"}
    (problem,) = problems_of(environment)
    assert problem.startswith("PORTAL_PUBLIC_URL: ")
    assert "PORTAL_PLAIN_HTTP=true" in problem
    assert load_settings(environment | {"PORTAL_PLAIN_HTTP": "true"}).leaves_this_machine_unencrypted
    assert not load_settings(GOOD | {"PORTAL_PUBLIC_URL": f"https://{host}"}).leaves_this_machine_unencrypted


@pytest.mark.parametrize("host", ["localhost:8080", "portal.localhost", "127.0.0.1:8080", "127.5.5.5", "[::1]:8080"])
def test_this_machine_itself_needs_no_tls(host: str) -> None:
    assert not load_settings(GOOD | {"PORTAL_PUBLIC_URL": f"http://{host}"}).leaves_this_machine_unencrypted


def test_the_application_does_not_start_without_its_secret() -> None:
    with pytest.raises(ConfigInvalid, match="PORTAL_SECRET_KEY: belum diisi atau mudah ditebak"):
        create_app()


def test_an_identity_provider_wants_all_its_settings_and_tls() -> None:
    for name in OIDC:
        (problem,) = problems_of(GOOD | {each: value for each, value in OIDC.items() if each != name})
        assert problem.startswith(f"{name}: wajib diisi")
    assert load_settings(GOOD | OIDC).oidc_label == "akun kantor"
    assert load_settings(GOOD | OIDC | {"PORTAL_OIDC_ISSUER": "http://127.0.0.1:9000"}).serves_tls is False
    for issuer in ("http://masuk.kantor.invalid", "masuk.kantor.invalid", f"https://{'a' * 200}.invalid"):
        (problem,) = problems_of(GOOD | OIDC | {"PORTAL_OIDC_ISSUER": issuer})
        assert problem.startswith("PORTAL_OIDC_ISSUER: ")


def test_an_identity_provider_without_the_extra_stops_the_start_and_names_the_remedy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("portal.config.checks.find_spec", lambda _name: None)
    (problem,) = problems_of(GOOD | OIDC)
    assert problem == "PORTAL_OIDC_ISSUER: perlu paket tambahan. Jalankan: pip install 'portal-bukti-zi[oidc]'"
    assert not load_settings(GOOD).oidc_issuer
