"""What options give: texts that may be left out but not be empty, and files that are to be new.

`--area "$AREA"` with an unset variable must not quietly become the whole plan.
"""

from __future__ import annotations

from pathlib import Path

import click


class Given(click.ParamType[str]):
    """A text that is not empty; what it may be is for the service to say."""

    name = "text"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not value.strip():
            self.fail("nilainya kosong. Isi nilainya, atau hapus opsi ini.", param, ctx)
        return value


GIVEN = Given()


def can_be_new(file: Path) -> bool:
    """Whether nothing of this name is in a folder that is there."""
    try:
        return file.parent.is_dir() and not file.exists()
    except OSError:  # a name that is longer than the file system takes
        return False
