"""The Content-Security-Policy of `verifikasi.html`: it names the hashes of the page's own script and style.

`python -m tests.verifiers.page_policy` writes them anew after the page was changed.
"""

from __future__ import annotations

import re
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

PAGE = Path("portal/data/verifiers/verifikasi.html")


def with_policy(page: str) -> str:
    """The page with the hashes of its only script and its only style."""
    for tag in ("script", "style"):
        (content,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = b64encode(sha256(content.encode()).digest()).decode()
        page = re.sub(rf"({tag}-src 'sha256-)[^']*'", rf"\g<1>{digest}'", page, count=1)
    return page


if __name__ == "__main__":
    PAGE.write_text(with_policy(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
