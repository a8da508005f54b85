"""Does a quote still stand? Checks a citation's id against the article as it is now.

Needs the citation id and the article's current text only; nothing is kept about citations.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from index.articles.article import Article
from search.answer import Citation
from search.cite import Reference, cite, fingerprint

Verdict = Literal["unchanged", "moved", "changed", "gone"]


@dataclass(frozen=True, slots=True)
class Check:
    """What became of a cited quote.

    Attributes:
        citation_id: the id that was checked.
        status: ``unchanged`` (the quote stands where it stood), ``moved`` (it stands elsewhere in the article),
            ``changed`` (the article is there, the quote is not) or ``gone`` (so is the article).
        reference: what the id says.
        citation: the citation as of now, for ``unchanged`` and ``moved``.
        revision: the article's revision now, None when it is gone.
    """

    citation_id: str
    status: Verdict
    reference: Reference
    citation: Citation | None
    revision: str | None


def verify(reference: Reference, article: Article | None) -> Check:
    """Compare a reference with the article of its id as it stands now (None: there is no such article)."""
    citation_id = reference.encoded()
    if article is None:
        return Check(citation_id, "gone", reference, None, None)
    start = _find(reference, article.text)
    if start is None:
        return Check(citation_id, "changed", reference, None, article.revision)
    status: Verdict = "unchanged" if start == reference.start else "moved"
    citation = cite(article, start, start + reference.end - reference.start)
    return Check(citation_id, status, reference, citation, article.revision)


def _find(reference: Reference, text: str) -> int | None:
    """Where the quote stands in `text`: the place nearest to its old one, or None."""
    length = reference.end - reference.start
    places = _places(text, length, reference.quote.total)
    for start in sorted(places, key=lambda place: abs(place - reference.start)):
        if fingerprint(text[start : start + length]) == reference.quote:
            return start
    return None


def _places(text: str, length: int, total: int) -> list[int]:
    """Where the code points of a window of `length` add up to `total`: cheap to tell for every place at once."""
    if length > len(text):
        return []
    points = np.frombuffer(text.encode("utf-32-le"), dtype="<u4")
    sums = np.concatenate(([0], np.cumsum(points, dtype=np.int64)))
    return [int(place) for place in np.flatnonzero(sums[length:] - sums[:-length] == total)]
