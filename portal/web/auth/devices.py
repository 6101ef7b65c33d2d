"""What a browser says of itself, in words that its owner knows. Not more: what it says is not to be relied on."""

from __future__ import annotations

BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser/", "Samsung Internet"), ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"), ("CriOS/", "Chrome"), ("Chrome/", "Chrome"), ("Safari/", "Safari"),
)  # fmt: skip
"""Signs in the order in which they tell: Edge calls itself Chrome too, and Chrome Safari."""

SYSTEMS = (
    ("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Macintosh", "Mac"),
    ("CrOS", "Chromebook"), ("Linux", "Linux"),
)  # fmt: skip


def device_words(user_agent: str) -> str:
    """For instance `Chrome di Windows`, from the header User-Agent (RFC 9110 §10.1.5)."""
    browser = _first(BROWSERS, user_agent) or "Peramban lain"
    system = _first(SYSTEMS, user_agent)
    return f"{browser} di {system}" if system else browser


def _first(signs: tuple[tuple[str, str], ...], text: str) -> str | None:
    return next((word for sign, word in signs if sign in text), None)
