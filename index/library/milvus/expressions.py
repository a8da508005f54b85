"""Filters as Milvus' boolean expressions. Every value that a user gave goes through `quoted`, here and nowhere else.

Text values are compared as label terms, phrases as runs of spelt words between spaces; both are stored so with each
row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from hashlib import sha256
from itertools import groupby

from index.library.contract import Filters
from index.library.labels import Label, Phrase, unwanted_phrases, wanted_instants, wanted_labels, wanted_phrases

NEVER = 2**62
"""The instant of an article without a date: beyond all others."""

LONGEST_LABEL = 200
LONG_RUN, MOST_RUNS = 100, 8
"""Numbers left out are said by the ends of runs as long as this, but of so many only: each makes an expression deeper,
and Milvus refuses what is too deep."""

Negation = Callable[[str], str]
"""Says that an expression does not hold."""


def quoted(value: str | int) -> str:
    """A value as a literal that nothing can break out of. Text must be printable: engines differ in the rest."""
    if isinstance(value, int):
        return str(value)
    if not value.isprintable():
        raise ValueError(f"{value!r} is not printable")
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def among(field: str, values: Iterable[str | int]) -> str:
    """That a field has one of these values, of which there is at least one."""
    return f"{field} in [{', '.join(map(quoted, values))}]"


def outside(field: str, numbers: Iterable[int]) -> str:
    """That a field has none of these numbers; empty where there is none."""
    runs = [
        [number for _, number in run] for _, run in groupby(enumerate(sorted(numbers)), lambda one: one[1] - one[0])
    ]
    long = sorted((run for run in runs if len(run) >= LONG_RUN), key=len)[-MOST_RUNS:]
    listed = [str(number) for run in runs if run not in long for number in run]
    said = [f"({field} < {run[0]} or {field} > {run[-1]})" for run in long]
    return " and ".join(said + ([f"{field} not in [{', '.join(listed)}]"] if listed else []))


def negated(expression: str) -> str:
    """That an expression does not hold, as Milvus says it."""
    return f"not ({expression})"


def label_term(label: Label) -> str:
    """A label as it is stored and compared; what is long or does not print by its hash."""
    value = label.value
    if len(value) > LONGEST_LABEL or not value.isprintable():
        value = sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{label.kind}:{value}"


def spelt_text(words: Iterable[str]) -> str:
    """Spelt words as they are stored: each between two spaces, so that a phrase is a part of the text."""
    return f" {' '.join(words)} "


def passing(filters: Filters, no: Negation = negated) -> str | None:
    """That a row passes the filters; None where all do."""
    asked = [
        f"array_contains_any(labels, [{', '.join(quoted(label_term(label)) for label in alternatives)}])"
        for alternatives in wanted_labels(filters)
    ]
    if (instants := wanted_instants(filters)) is not None:
        asked.append(f"instant >= {instants[0]} and instant < {instants[1]}")
    asked += map(_occurring, wanted_phrases(filters))
    asked += [_any(choice, no) for choice in filters.choices() if None not in (passing(one, no) for one in choice)]
    asked += [no(_occurring(phrase)) for phrase in unwanted_phrases(filters)]
    asked += [_refusing(one, no) for one in filters.refused()]
    return " and ".join(f"({one})" for one in asked) or None


def asks_for_passages(filters: Filters) -> bool:
    """Whether some of it is about passages, and not about whole articles."""
    nested = [one for choice in filters.choices() for one in choice] + filters.refused()
    return bool(wanted_phrases(filters) or unwanted_phrases(filters) or nested)


def _any(choice: Iterable[Filters], no: Negation) -> str:
    return " or ".join(f"({passing(one, no)})" for one in choice)


def _refusing(filters: Filters, no: Negation) -> str:
    asked = passing(filters, no)
    return no(asked) if asked else "born < 0"  # nothing passes what refuses everything


def _occurring(phrase: Phrase) -> str:
    part = quoted(f"%{spelt_text(phrase)}%")
    return f"(spelt like {part}) or (spelt_title like {part})"
