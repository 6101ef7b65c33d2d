"""Options that narrow or place something: left out they have a meaning, empty they are a slip and are refused.

`--area "$AREA"` with an unset variable must not quietly become the whole plan.
"""

from __future__ import annotations

import click


class Given(click.ParamType[str]):
    """A text that is not empty; what it may be is for the service to say."""

    name = "text"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not value.strip():
            self.fail("nilainya kosong. Isi nilainya, atau hapus opsi ini.", param, ctx)
        return value


GIVEN = Given()
