"""Texts that people typed, as the bundle's index shows them: nothing in them may act on the program that opens it.

`metadata/bukti.json` keeps every text as it is; only what is shown goes through here.
"""

import unicodedata

REPLACEMENT = "\N{REPLACEMENT CHARACTER}"

_KEPT = "\n\t"
_FORMULA_STARTS = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_CONTROL_STARTS = ("\t", "\r", "\n")


def visible(text: str) -> str:
    """The text with every invisible character, those that turn the reading direction among them, shown as U+FFFD."""
    return "".join(c if c in _KEPT or unicodedata.category(c)[0] != "C" else REPLACEMENT for c in text)


def harmless_cell(text: str) -> str:
    """The text of a CSV cell; what a spreadsheet program would run as a formula gets an apostrophe in front.

    Such programs look behind leading white space, and some read the wide forms (U+FF1D and so on) alike.
    """
    is_formula = text.lstrip().startswith(_FORMULA_STARTS) or text.startswith(_CONTROL_STARTS)
    return visible(f"'{text}" if is_formula else text)
