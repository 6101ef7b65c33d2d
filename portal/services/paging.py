"""Pages of a list: how many there are, and which rows stand on one. Pages count from 1."""

from __future__ import annotations

from typing import TypeVarTuple

from sqlalchemy import Select

Columns = TypeVarTuple("Columns")


def count_pages(total: int, size: int) -> int:
    """Pages of `size` rows for `total` of them; a list without rows has one, which is empty."""
    return max(1, -(-total // size))


def on_page(query: Select[*Columns], page: int, size: int) -> Select[*Columns]:
    """The rows of `query`, which must be ordered, that stand on one page."""
    return query.limit(size).offset((page - 1) * size)
