"""Canonical JSON: the part of JCS (RFC 8785) that needs no floating point, so that one value has one spelling for ever.

Whatever is hashed or signed as JSON goes through here. It limits no size: a caller with a limit has its own.
"""

import json
import re
from typing import TypeAlias

JsonValue: TypeAlias = "str | int | bool | list[JsonValue] | dict[str, JsonValue] | None"

MAX_DEPTH = 32

_KEY = re.compile(r"[a-z0-9_]+")
_INTEGER_LIMIT = 2**53  # beyond it JSON numbers lose digits in other languages (RFC 8785 §3.2.2.3, RFC 7493 §2.2)


class NotCanonical(ValueError):
    """A value that has no canonical spelling here."""


def canonical_json(value: JsonValue) -> bytes:
    """Canonical bytes of `value` (RFC 8785): sorted keys, no spaces, UTF-8.

    Keys are ASCII `[a-z0-9_]+`; values are str, int below 2^53 in magnitude, bool, None, list or dict.
    Raises NotCanonical for anything else.
    """
    _require_value(value, MAX_DEPTH)
    # Within this subset the standard library's output is JCS; floats and other keys, where it is not, are refused.
    return utf8(json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False))


def utf8(text: str) -> bytes:
    """UTF-8 of the text; raises NotCanonical for a lone surrogate, which no UTF-8 reader would accept."""
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise NotCanonical(f"the text cannot be written in UTF-8: {error}") from error


def _require_value(value: object, depth: int) -> None:
    """Raise NotCanonical unless the value, down to this depth, is one that may stand here."""
    match value:
        case None | bool() | str():
            return
        case int() if abs(value) < _INTEGER_LIMIT:
            return
        case list() | dict() if depth == 0:
            raise NotCanonical(f"lists and objects are nested more than {MAX_DEPTH} deep")
        case list():
            for item in value:
                _require_value(item, depth - 1)
        case dict():
            for key, item in value.items():
                _require_key(key)
                _require_value(item, depth - 1)
        case _:
            raise NotCanonical(f"canonical JSON cannot hold {value!r} of type {type(value).__name__}")


def _require_key(key: object) -> None:
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise NotCanonical(f"the key {key!r} is not made of a-z, 0-9 and _")
