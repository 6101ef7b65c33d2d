"""Where settings come from: a TOML file (`PORTAL_CONFIG`) overlaid by the environment, each value in its own type."""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import fields
from difflib import get_close_matches
from pathlib import Path

from portal.config.checks import check
from portal.config.settings import PREFIX, ConfigInvalid, Settings

SECRETS = frozenset(
    {"secret_key", "s3_secret_key", "database_url", "migration_database_url", "mail_url", "oidc_client_secret"}
)

OF_TESTS = (f"{PREFIX}TEST_", f"{PREFIX}REQUIRE_SERVICES")
"""How the variables begin that only tests read; a shell may have them where it starts a portal."""


def load_settings(environment: Mapping[str, str] = os.environ) -> Settings:
    """Settings from the file and the environment; raises ConfigInvalid with every problem."""
    _refuse_debug(environment)
    raw = {
        **_from_file(environment.get(f"{PREFIX}CONFIG")),
        **read_environment(environment),
    }
    settings = _typed(raw)
    check(settings)
    return settings


def _from_file(path: str | None) -> dict[str, object]:
    if not path:
        return {}
    try:
        found = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigInvalid([f"PORTAL_CONFIG: tidak dapat membaca {path}: {error}"]) from error
    if SECRETS & found.keys():
        _refuse_open(f"{PREFIX}CONFIG", path)
    return found


def _refuse_open(variable: str, path: str) -> None:
    """A secret that everybody on the machine can read is none. Windows keeps permissions elsewhere."""
    if os.name != "nt" and Path(path).stat().st_mode & (stat.S_IROTH | stat.S_IWOTH):
        raise ConfigInvalid(
            [f"{variable}: siapa pun di komputer ini dapat membaca {path}. Jalankan: chmod o-rwx {path}"]
        )


def _refuse_debug(environment: Mapping[str, str]) -> None:
    """Flask's debugger runs what a browser sends; a server that people reach must never have it."""
    if environment.get("FLASK_DEBUG", "").lower() not in {"", "0", "false", "no"}:
        raise ConfigInvalid(["FLASK_DEBUG: pelacak kesalahan menyala. Hapus variabel ini, dan jalankan tanpa --debug."])


def read_environment(environment: Mapping[str, str] = os.environ) -> dict[str, object]:
    """Values of `PORTAL_<NAME>`; a secret may instead stand in the file that `PORTAL_<NAME>_FILE` names.

    Raises ConfigInvalid when a variable of that form is none of ours.
    """
    _refuse_unknown(environment)
    found: dict[str, object] = {}
    for name in (f.name for f in fields(Settings)):
        variable = f"{PREFIX}{name.upper()}"
        if variable in environment:
            found[name] = environment[variable]
        elif name in SECRETS and f"{variable}_FILE" in environment:
            found[name] = _read_secret(f"{variable}_FILE", environment[f"{variable}_FILE"])
    return found


def _refuse_unknown(environment: Mapping[str, str]) -> None:
    """A slip in a name would otherwise leave the setting at its default, and nobody would know."""
    known = {f"{PREFIX}CONFIG", *(f"{PREFIX}{f.name.upper()}" for f in fields(Settings))}
    known |= {f"{PREFIX}{name.upper()}_FILE" for name in SECRETS}
    unknown = {name for name in environment if name.startswith(PREFIX) and not name.startswith(OF_TESTS)} - known
    if unknown:
        raise ConfigInvalid([f"{name}: pengaturan ini tidak ada.{_likely(name, known)}" for name in sorted(unknown)])


def _likely(name: str, known: Iterable[str]) -> str:
    names = [each.removeprefix(PREFIX) for each in known]
    return "".join(f" Maksudnya {PREFIX}{near}?" for near in get_close_matches(name.removeprefix(PREFIX), names, n=1))


def _read_secret(variable: str, path: str) -> str:
    try:
        secret = Path(path).read_text(encoding="utf-8").strip()
        _refuse_open(variable, path)
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigInvalid([f"{variable}: tidak dapat membaca {path}: {error}"]) from error
    return secret


def _typed(raw: Mapping[str, object]) -> Settings:
    """Settings with every value in its own type; unknown names in the file are refused, they are most often slips."""
    kinds = {f.name: str(f.type) for f in fields(Settings)}
    problems = [f"PORTAL_CONFIG: pengaturan {name!r} tidak dikenal." for name in raw if name not in kinds]
    values: dict[str, object] = {}
    for name, value in raw.items():
        if name in kinds:
            try:
                values[name] = _convert(kinds[name], value)
            except (TypeError, ValueError) as error:
                problems.append(f"{PREFIX}{name.upper()}: {error}")
    if problems:
        raise ConfigInvalid(problems)
    return Settings(**values)  # type: ignore[arg-type]  # _convert gave every value the field's own type


def _convert(kind: str, value: object) -> object:
    if kind == "int":
        return _integer(value)
    if kind == "bool":
        return _boolean(value)
    if not isinstance(value, str):
        raise TypeError("isi teks, di antara tanda kutip.")  # without the value, which may be a secret
    return value


def _integer(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise TypeError(f"isi bilangan bulat, bukan {value!r}.")
    try:
        return int(value)
    except ValueError:
        raise ValueError(f"isi bilangan bulat, bukan {value!r}.") from None


def _boolean(value: object) -> bool:
    words = {
        "1": True,
        "true": True,
        "yes": True,
        "0": False,
        "false": False,
        "no": False,
    }
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in words:
        return words[value.lower()]
    raise ValueError(f"isi true atau false, bukan {value!r}.")
