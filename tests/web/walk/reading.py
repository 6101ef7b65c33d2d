"""What the portal's views read of a request, found in their source: so nothing new is forgotten by a test of inputs."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import portal.web
from portal.web.forms import PortalForm

WEB = Path(portal.web.__file__).parent


@dataclass
class Reading:
    """Attributes of the request, and the names that are asked for within them; `unclear` are names a program makes."""

    attributes: set[str] = field(default_factory=set)
    names: dict[str, set[str]] = field(default_factory=dict)
    unclear: list[str] = field(default_factory=list)


def read_of_requests() -> Reading:
    """Every use of `request` in the views."""
    found = Reading()
    trees = {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(WEB.rglob("*.py"))}
    given = _given_to_functions(trees)
    for path, tree in trees.items():
        for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
            for attribute, asked in _uses(function):
                found.attributes.add(attribute)
                names = _names(asked, function, given) if asked is not None else set()
                if names is None:
                    found.unclear.append(f"{path.name}: {function.name}")
                else:
                    found.names.setdefault(attribute, set()).update(names)
    return found


def forms_of_the_portal() -> dict[str, type[PortalForm]]:
    """Every form that a feature declares, by its name; the application's blueprints have imported them."""
    return {form.__name__: form for form in _below(PortalForm)}


def fields_of(form: type[PortalForm]) -> set[str]:
    """The names of a form's own and inherited fields."""
    return {name for name in dir(form) if hasattr(getattr(form, name), "field_class")}


def is_question(form: type[PortalForm]) -> bool:
    """Whether the form is read from an address: it changes nothing, so it has no token."""
    return getattr(form.Meta, "csrf", True) is False


def _below(form: type[PortalForm]) -> Iterator[type[PortalForm]]:
    for each in form.__subclasses__():
        if each.__module__.startswith("portal."):
            yield each
        yield from _below(each)


def _uses(function: ast.FunctionDef) -> Iterator[tuple[str, ast.expr | None]]:
    """Attributes of `request` in a function, each with the expression that names what is taken out of it."""
    for node in ast.walk(function):
        match node:
            case ast.Attribute(value=ast.Name("request"), attr=attribute):
                yield attribute, None
            case ast.Call(ast.Attribute(ast.Attribute(ast.Name("request"), attribute), "get" | "getlist"), [name, *_]):
                yield attribute, name
            case ast.Subscript(ast.Attribute(ast.Name("request"), attribute), name):
                yield attribute, name
            case ast.Compare(name, [ast.In() | ast.NotIn()], [ast.Attribute(ast.Name("request"), attribute)]):
                yield attribute, name


def _names(asked: ast.expr, function: ast.FunctionDef, given: Mapping[str, set[str]]) -> set[str] | None:
    """The names an expression stands for: itself, a constant of its module, or what the function is called with."""
    if isinstance(asked, ast.Constant) and isinstance(asked.value, str):
        return {asked.value}
    if isinstance(asked, ast.Name) and asked.id in {argument.arg for argument in function.args.args}:
        return given.get(function.name)
    if isinstance(asked, ast.Name):
        return given.get(asked.id)
    return None


def _given_to_functions(trees: Mapping[Path, ast.Module]) -> dict[str, set[str]]:
    """Constant texts by the function that they are given to, and by the constant that holds them."""
    given: dict[str, set[str]] = {}
    for node in (node for tree in trees.values() for node in ast.walk(tree)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            texts = {arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str)}
            if texts:
                given.setdefault(node.func.id, set()).update(texts)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    given.setdefault(target.id, set()).add(node.value.value)
    return given
