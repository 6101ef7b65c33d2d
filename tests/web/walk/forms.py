"""Forms as a page shows them, and how one is sent with whatever bytes somebody likes."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from html.parser import HTMLParser
from urllib.parse import quote_from_bytes

CHOICES = frozenset({"select", "radio", "checkbox"})


@dataclass(frozen=True, slots=True)
class Field:
    """One named field. `values` are what an honest browser would send of it: for a choice, those that can be chosen."""

    name: str
    kind: str
    values: tuple[str, ...] = ()

    @property
    def is_switch(self) -> bool:
        """A checkbox of its own: sent or not, whatever its value."""
        return self.kind == "checkbox" and self.values in {("y",), ()}


@dataclass(frozen=True, slots=True)
class Form:
    """A form with its fields in order; those of one name are one field."""

    method: str
    action: str
    fields: tuple[Field, ...] = ()


class Page(HTMLParser):
    """The forms and the links within a page, in order."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self._select: str | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag == "a" and "href" in values:
            self.links.append(values["href"])
        elif tag == "form":
            self.forms.append(Form(values.get("method", "get"), values.get("action", "")))
        elif tag == "select":
            self._select = values["name"]
            self._add(Field(values["name"], "select"))
        elif tag == "option" and self._select:
            self._add(Field(self._select, "select", (values.get("value", ""),)))
        elif tag == "textarea" and "name" in values:
            self._add(Field(values["name"], "textarea"))
        elif tag in {"input", "button"} and values.get("name"):
            given = (values["value"],) if "value" in values else ()
            self._add(Field(values["name"], values.get("type", "text"), given))

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = None

    def _add(self, found: Field) -> None:
        if not self.forms:
            return
        form = self.forms[-1]
        known = {each.name: each for each in form.fields}
        old = known.get(found.name, replace(found, values=()))
        known[found.name] = replace(old, values=(*old.values, *found.values))
        self.forms[-1] = replace(form, fields=tuple(known.values()))


@dataclass(frozen=True, slots=True)
class Sent:
    """A form that is ready to be sent: pairs of names and values, in which one may be replaced."""

    pairs: tuple[tuple[str, bytes], ...] = field(default=())

    def with_value(self, name: str, value: bytes) -> Sent:
        return Sent((*(pair for pair in self.pairs if pair[0] != name), (name, value)))

    def without(self, name: str) -> Sent:
        return Sent(tuple(pair for pair in self.pairs if pair[0] != name))

    def doubled(self, name: str, value: bytes) -> tuple[Sent, Sent]:
        """With one more value of this name, before the honest one and after it."""
        return Sent(((name, value), *self.pairs)), Sent((*self.pairs, (name, value)))

    def encoded(self) -> str:
        return "&".join(f"{quote_from_bytes(name.encode())}={quote_from_bytes(value)}" for name, value in self.pairs)


def honest(form: Form) -> Sent:
    """The form as somebody might fill it in without harm."""
    pairs: list[tuple[str, bytes]] = []
    for each in form.fields:
        if not each.is_switch:
            pairs += [(each.name, value.encode()) for value in _honest_values(each)]
    return Sent(tuple(pairs))


def _honest_values(found: Field) -> tuple[str, ...]:
    if found.kind == "checkbox":
        return found.values
    if found.kind in {"select", "radio"}:
        return tuple(value for value in found.values if value)[:1]
    if found.kind in {"hidden", "submit"}:
        return found.values[:1]
    examples = {
        "date": "2026-01-15", "email": "orang.baru@contoh.go.id", "url": "https://contoh.go.id/a",
        "password": "gajah duduk di pohon", "textarea": "Sudah lengkap.", "file": "",
    }  # fmt: skip
    return (found.values[0] if found.values and found.values[0] else examples.get(found.kind, "I"),)
