"""The Query: a question with its choices, checked. Made by the API layer, read by the pipeline."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from index.errors import InvalidQuery
from index.library.contract import Filters

Mode = Literal["hybrid", "dense", "lexical"]
Group = Literal["story", "article", "none"]
Fusion = Literal["minmax", "rrf"]
Quote = Literal["passage", "sentence"]

LONGEST_QUESTION = 4_000
MOST_HITS = 100
DEEPEST_OFFSET = 900


@dataclass(frozen=True, slots=True)
class Recency:
    """How much newer articles are preferred: the weight of an article's age halves every `half_life_days` (> 0).

    `as_of` is the moment from which age is counted (aware); None means the query's own.
    """

    half_life_days: float
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """A question and how to answer it.

    Attributes:
        text: the question, 1 to `LONGEST_QUESTION` code points, not only white space. What is typed may hold operators
            (see `search.understanding`).
        limit: how many hits, 1..`MOST_HITS`.
        offset: how many best hits to skip, 0..`DEEPEST_OFFSET`.
        mode: search by meaning and words (``hybrid``), by meaning alone (``dense``) or by words alone (``lexical``).
        filters: which articles may answer.
        recency: prefer newer articles; None leaves age out of it.
        rerank: read the best candidates once more; None does so in hybrid mode.
        group: fold hits that tell the same story, or that stand in the same article, into the best one.
        fusion: how dense and lexical scores are joined.
        quote: what a hit's citation quotes: the whole passage, or only the sentence that answers where one is marked.
        explain: whether every stage is to be told of; changes no answer.
        as_of: the moment that the question is asked at (aware), from which "last week" counts; None means now.
        operators: whether quotes, minus signs and keys such as ``source:`` in the text mean something; if not, the
            text is plain words.
    """

    text: str
    limit: int = 10
    offset: int = 0
    mode: Mode = "hybrid"
    filters: Filters = field(default_factory=Filters)
    recency: Recency | None = None
    rerank: bool | None = None
    group: Group = "story"
    fusion: Fusion = "minmax"
    quote: Quote = "passage"
    explain: bool = False
    as_of: datetime | None = None
    operators: bool = True

    def __post_init__(self) -> None:
        """Raises InvalidQuery that names the field."""
        if not self.text.strip():
            raise InvalidQuery("The query is empty. Ask a question in plain words.", field="query")
        if len(self.text) > LONGEST_QUESTION:
            raise InvalidQuery(
                f"The query has {len(self.text):,} characters; at most {LONGEST_QUESTION:,} are read.", field="query"
            )
        if "\0" in self.text or any("\ud800" <= mark <= "\udfff" for mark in self.text):
            raise InvalidQuery("The query holds a NUL or half a surrogate pair, which is not text.", field="query")
        if not 1 <= self.limit <= MOST_HITS:
            raise InvalidQuery(f"limit is {self.limit}; it must be 1 to {MOST_HITS}.", field="limit")
        if not 0 <= self.offset <= DEEPEST_OFFSET:
            raise InvalidQuery(f"offset is {self.offset}; it must be 0 to {DEEPEST_OFFSET}.", field="offset")
        if self.recency is not None and not 0 < self.recency.half_life_days <= 36_500:
            raise InvalidQuery("half_life_days must be more than 0 and at most 36500.", field="recency.half_life_days")
        if self.as_of is not None and self.as_of.utcoffset() is None:
            raise InvalidQuery("as_of has no time zone; give one, such as Z for UTC.", field="as_of")
