"""The query language for people: a typed text becomes a plain question and the choices that it states.

``"quoted words"`` must occur, ``-word`` and ``-"quoted words"`` must not, and ``source:``, ``author:``, ``tag:``,
``lang:``, ``after:`` and ``before:`` are filters. Whatever else people type is plain text and is kept as it is: the
only errors are an operator whose value cannot be used, and a text that asks nothing. Knows no library; what phrases
and filters mean is said in `index.library.contract`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from index.articles.dates import instant
from index.errors import InvalidQuery
from index.library.analysis import UNSPACED, spelt
from index.library.contract import Filters
from search.query import Query
from search.understanding.dates import Period, period

_QUOTES = '"“”„‟＂〝〞〟«»‹›「」『』'
_QUOTED = (
    '[“”„‟"＂〝〞〟](?P<{0}1>[^“”„‟"＂〝〞〟]*)[“”„‟"＂〝〞〟]'
    "|[«»](?P<{0}2>[^«»]*)[«»]|[‹›](?P<{0}3>[^‹›]*)[‹›]"
    "|「(?P<{0}4>[^「」]*)」|『(?P<{0}5>[^『』]*)』"
)
# A quotation mark right behind a letter or digit opens nothing: 5" is inches, and צה"ל is a word. Scripts without
# spaces have no other way to open one.
_OPENS = rf"(?<![^\W_])|(?<=[{UNSPACED}])"
_KEYS = {
    "source": "source",
    "author": "author",
    "tag": "tag",
    "lang": "lang",
    "language": "lang",
    "after": "after",
    "before": "before",
}
_OPERATOR = re.compile(
    rf"(?<!\S)(?P<key>{'|'.join(_KEYS)}):(?:{_QUOTED.format('value')}|(?P<value>[^\s{_QUOTES}]+))"
    rf"|(?<!\S)-(?:{_QUOTED.format('without')}|(?P<without>[^\W\d_][^\s{_QUOTES}]*))"
    rf"|(?:{_OPENS})(?:{_QUOTED.format('phrase')})",
    re.IGNORECASE,
)
_PART_OF_DATE = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d{1,2}))?")
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:[-_][a-z0-9]+)*", re.IGNORECASE)

NO_FILTERS = Filters()


@dataclass(frozen=True, slots=True)
class Understood:
    """What a typed text asks for.

    Attributes:
        text: the plain question, without operators; a quoted phrase stays in it as words.
        filters: what the text itself states, `phrases` and `without` among it.
        period: when the question says that things happened: a preference, unlike the filters.
    """

    text: str
    filters: Filters = NO_FILTERS
    period: Period | None = None

    def applied(self, query: Query) -> Query:
        """The query as it is searched: the plain question, under the query's own filters and those of its text."""
        filters = query.filters if self.filters == NO_FILTERS else replace(self.filters, also=query.filters)
        return replace(query, text=self.text, filters=filters)


@dataclass(frozen=True, slots=True)
class Operator:
    """One operator of a text: where it stands, what it is (a key, ``without`` or ``phrase``), and its value."""

    start: int
    end: int
    kind: str
    value: str


def understand(text: str, as_of: datetime, *, operators: bool = True) -> Understood:
    """Read a typed text.

    Args:
        text: what was typed.
        as_of: the moment from which "last week" counts (aware).
        operators: whether the text is in this language; if not, it is all plain text.

    Raises:
        InvalidQuery: an operator's value cannot be used, or nothing is left to search for.
    """
    found = list(_operators(text)) if operators else []
    if not found:
        return Understood(text, NO_FILTERS, period(text, as_of))
    plain = _plain(text, [(one, one.value if one.kind == "phrase" else " ") for one in found])
    if not spelt(plain):
        raise InvalidQuery(
            f"There is nothing to search for in {_short(text)}: add a word, a phrase in quotes or a question.",
            field="query",
        )
    outside = _plain(text, [(one, " | ") for one in found])
    return Understood(plain, _filters(found), period(outside, as_of))


def stated_filters(text: str) -> Filters:
    """The filters that a typed text states, also one that asks nothing yet.

    Raises:
        InvalidQuery: an operator's value cannot be used.
    """
    return _filters(list(_operators(text)))


def _operators(text: str) -> Iterator[Operator]:
    """The operators of a text, in order. One without a word or a value is plain text."""
    for found in _OPERATOR.finditer(text):
        groups = found.groupdict()
        key = groups.pop("key")
        name, value = next((name, value) for name, value in groups.items() if value is not None)
        kind = _KEYS[key.casefold()] if key else name.rstrip("12345")
        value = value.rstrip(",;?!") if name in {"value", "without"} else value.strip()
        if spelt(value) if key is None else value:
            yield Operator(found.start(), found.end(), kind, value)


def _plain(text: str, replaced: Sequence[tuple[Operator, str]]) -> str:
    """The text with something else in the place of each operator, white space evened out."""
    parts, last = [], 0
    for operator, instead in replaced:
        parts += [text[last : operator.start], instead]
        last = operator.end
    return " ".join("".join([*parts, text[last:]]).split())


def _filters(operators: Sequence[Operator]) -> Filters:
    """What the operators state: values of one key are alternatives, dates all hold."""

    def values(kind: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(one.value for one in operators if one.kind == kind))

    return Filters(
        sources=values("source"),
        languages=tuple(map(_language, values("lang"))),
        tags=values("tag"),
        authors=values("author"),
        published_after=max((_moment("after", value) for value in values("after")), default=None),
        published_before=min((_moment("before", value) for value in values("before")), default=None),
        phrases=values("phrase"),
        without=values("without"),
    )


def _language(value: str) -> str:
    if not _LANGUAGE.fullmatch(value):
        raise InvalidQuery(f"lang:{_short(value)} is no language code; write one such as lang:tr.", field="lang")
    return value


def _moment(key: str, value: str) -> datetime:
    """The start of the year, month or day, or the moment, that a value names."""
    try:
        if part := _PART_OF_DATE.fullmatch(value):
            return datetime(int(part["year"]), int(part["month"] or 1), 1, tzinfo=UTC)
        return instant(value)
    except ValueError:
        raise InvalidQuery(
            f"{key}:{_short(value)} is no date; write {key}:2025-01-31, {key}:2025-01 or {key}:2025. "
            f'To search for the words themselves, put them in quotes: "{key}:…".',
            field=key,
        ) from None


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:59]}…"
