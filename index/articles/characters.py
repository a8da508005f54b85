"""Which characters an article may hold: what is refused, what is put right, and nothing else is touched.

Knows nothing of paragraphs, languages or formats. Text is never normalised (NFC and the like): a citation must be
found again, character by character, in the page that it came from.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from math import isfinite

DEEPEST = 50

_REFUSED = re.compile("[\x00\ud800-\udfff]")
_NEWLINES = re.compile("\r\n?|\u2028")
_SPACE = re.compile(r"\s+")
_CONTROL = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\u2029]")  # all but tab, line feed and form feed


def fault(text: str) -> str | None:
    """Why `text` cannot be stored, in words, or None when it can.

    NUL ends strings early in other programs, and half of a surrogate pair cannot be written as UTF-8: both mean that
    the text was damaged before it came here, so they are refused, never repaired by guessing.
    """
    # The search is ten times as slow as the two looks before it.
    found = None if "\x00" not in text and _is_encodable(text) else _REFUSED.search(text)
    if found is None:
        return None
    name = "a NUL character" if found.group() == "\x00" else f"half of a surrogate pair (U+{ord(found.group()):04X})"
    return f"{name} at character {found.start()}"


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def value_fault(value: object, deepest: int = DEEPEST) -> str | None:
    """Why a value cannot be stored as JSON, or None when it can. Looks into lists and mappings."""
    if isinstance(value, str):
        return fault(value)
    if isinstance(value, Mapping):
        if not all(isinstance(key, str) for key in value):
            return "a key that is no string"
        value = [*value, *value.values()]
    if isinstance(value, list | tuple):
        if deepest == 0:
            return f"a value nested in more than {DEEPEST} others"
        return next((found for part in value if (found := value_fault(part, deepest - 1))), None)
    plain = value is None or isinstance(value, int) or (isinstance(value, float) and isfinite(value))
    return None if plain else f"the value {value}"


def _printed(code: int) -> str:
    """What a control of the C1 block shows in every browser: the windows-1252 character of that byte."""
    return bytes([code]).decode("cp1252", "ignore")


_REPAIRS = {chr(code): _printed(code) for code in range(0x80, 0xA0)} | {"\v": "\n", "\u2029": "\n\n"}


def tidy(text: str) -> str:
    r"""`text` with ``\n`` as its only line end and without control characters; all else stays as it is.

    A form feed, the sign of a new page, stays too. Controls of the C1 block, left by windows-1252 text that was read
    as Latin-1, become the characters that the HTML standard maps them to.
    """
    return _CONTROL.sub(lambda found: _REPAIRS.get(found.group(), ""), _NEWLINES.sub("\n", text))


def fold_space(text: str) -> str:
    """`text` on one line: every run of white space is one space, none at the ends."""
    return _SPACE.sub(" ", tidy(text)).strip()
