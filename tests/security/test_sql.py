"""No SQL is put together of anything that somebody sent."""

from __future__ import annotations

import ast
from pathlib import Path

import portal

ROOT = Path(portal.__file__).parent
RAW = frozenset({"text", "literal_column", "exec_driver_sql", "from_statement", "TextClause"})
CALLED = ("services", "web", "adapters", "domain")
"""Where values of people arrive; `models` holds guards and roles, made of fixed parts before anybody can sign in."""


def raw_sql(path: Path) -> list[str]:
    """Calls that take SQL as it is, unless it is a constant."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    of_sqlalchemy = {
        name.asname or name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("sqlalchemy")
        for name in node.names
    }
    found = []
    for node in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        is_raw = (isinstance(node.func, ast.Name) and node.func.id in RAW & of_sqlalchemy) or (
            isinstance(node.func, ast.Attribute) and node.func.attr in RAW - {"text"}
        )
        if is_raw and not (node.args and isinstance(node.args[0], ast.Constant)):
            found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    return found


def test_req_62_no_sql_is_made_of_what_somebody_sent() -> None:
    paths = [path for folder in CALLED for path in (ROOT / folder).rglob("*.py")]
    assert len(paths) > 100
    found = [place for path in paths for place in raw_sql(path)]
    assert not found, f"write these with SQLAlchemy's expressions: {found}"


def test_the_search_finds_what_it_looks_for() -> None:
    assert raw_sql(ROOT / "models" / "database_roles.py"), "the module that writes roles puts SQL together"
