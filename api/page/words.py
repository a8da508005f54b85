"""Numbers and dates in words a person understands. Decides nothing; the figures stand beside the words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from search.answer import Answer

UNSURE = 0.35
"""Below this, `answerable` is told as a doubt."""

_LIKELY = ((0.75, 4, "Very likely answers this"), (0.5, 3, "Likely answers this"), (0.25, 2, "May answer this"))
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Judgement:
    """A score in words, with its strength from 1 to 4."""

    words: str
    strength: int


def judgement(score: float) -> Judgement:
    """What a hit's score means, which is the probability, 0..1, that it answers."""
    found = next(((words, strength) for least, strength, words in _LIKELY if score >= least), ("Related", 1))
    return Judgement(*found)


def doubtful(answer: Answer) -> bool:
    """Whether to say that there may be no answer in the library. Where nothing was read again probabilities are seldom
    high, so that a doubt would be told of nearly every answer: there it is told of none."""
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
