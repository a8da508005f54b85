"""Numbers and dates in words a person understands. Decides nothing; the figures stand beside the words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from search.answer import Answer, Hit

UNSURE = 0.35
"""Below this, `answerable` is told as a doubt."""

_LIKELY = ((0.75, 4, "Very likely answers this"), (0.5, 3, "Likely answers this"), (0.25, 2, "May answer this"))
_MATCHING = ((0.75, 4, "Strong match"), (0.5, 3, "Good match"), (0.25, 2, "Partial match"))
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Judgement:
    """A score in words, with its strength from 1 to 4."""

    words: str
    strength: int


def judgement(hit: Hit) -> Judgement:
    """What a hit's score means: a probability where it was read again, else how well it matches beside the others."""
    read = hit.scores.rerank is not None
    for least, strength, words in _LIKELY if read else _MATCHING:
        if hit.score >= least:
            return Judgement(words, strength)
    return Judgement("Related" if read else "Weak match", 1)


def doubtful(answer: Answer) -> bool:
    """Whether there may be no answer in the library. Only where candidates were read again is that a probability."""
    read = any(hit.scores.rerank is not None for hit in answer.hits)
    return not answer.hits or (read and answer.answerable < UNSURE)


def day(published: str | None) -> str:
    """``13 January 2025`` of an ISO 8601 date or time; what is none stays as it is."""
    if not published:
        return ""
    try:
        found = date.fromisoformat(published[:10])
    except ValueError:
        return published
    return f"{found.day} {_MONTHS[found.month - 1]} {found.year}"


def month(written: str) -> str:
    """``January 2025`` of ``2025-01``."""
    year, _, number = written.partition("-")
    return f"{_MONTHS[int(number) - 1]} {int(year)}" if number else written


def count(number: int, one: str, many: str | None = None) -> str:
    """``1 article``, ``1,204 articles``."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
