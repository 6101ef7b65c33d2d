"""The table of docs/policy.md, made of the rights of docs/authorisation.yml."""

from __future__ import annotations

from portal.domain.roles import Role
from tests.matrix.authorisation import Right, authorisation


def policy_table() -> str:
    """One row a right, one column a role, in Markdown."""
    head = " | ".join(role.value.replace("_", " ") for role in Role)
    return "\n".join([f"| | {head} |", "|---" * (len(Role) + 1) + "|", *map(_row, authorisation().rights.values())])


def _row(right: Right) -> str:
    cells = " | ".join(right.cells.get(role.value, "–") for role in Role)
    return f"| {right.says} (`{right.name}`) | {cells} |"
