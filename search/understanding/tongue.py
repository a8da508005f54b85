"""The language that a question is asked in. Questions are short, and guesses that would do for articles mislead here.

Knows nothing of what follows from it.
"""

from __future__ import annotations

from index.articles.language import detect

UNDETERMINED = "und"
"""The code of ISO 639 for a language that is not known, here: which it is, only that it is not written like English."""

REPEATED = 4
"""A short question is told from so many of it in a row, where letters show already that it is not English."""


def language_of(question: str) -> str | None:
    """The question's language as ISO 639-1; `UNDETERMINED` where letters only show that it is not English; None for a
    few words in plain letters, which could be in any language, and mostly are English or names."""
    known = detect(question)
    if known or all(letter.isascii() for letter in question if letter.isalpha()):
        return known
    return detect(" ".join([question] * REPEATED)) or UNDETERMINED
