"""The primary key that business rows share: a random UUID made in Python, fit to stand in addresses and leaves."""

from __future__ import annotations

from uuid import UUID, uuid4

from sqlalchemy import Uuid
from sqlalchemy.orm import Mapped, mapped_column


class Identified:
    """Mixin: `id`, known before the row is flushed."""

    id: Mapped[UUID] = mapped_column(Uuid, primary_key=True)

    def __init__(self, **values: object) -> None:
        values.setdefault("id", uuid4())
        super().__init__(**values)
