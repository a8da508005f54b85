"""Moving a whole library into another one, of whatever kind, without embedding anything again.

Goes through the articles in the order of their ids, in batches; what the other library has already costs one look, so a
move that was cut short goes on where it was. Vectors are told by what was embedded, so passages whose vectors are
still to come go on waiting there. Vectors kept beside those in use are not moved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np

from index.articles.article import Article
from index.articles.recurring import outlet
from index.cancelling import check
from index.errors import InvalidInput, LibraryError
from index.ingest import digest_of, habits_name
from index.library.contract import Entry, Filled, Library, Snapshot, Vectors

BATCH = 128
SAMPLED = 100
"""How many articles are compared to the letter at the end."""

SHARE = 1_000
LEASE_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Moved:
    """What a move did: articles put now, those that were there already, and what the other library holds after it."""

    copied: int
    there_already: int
    articles: int
    passages: int
    passages_without_vectors: int
    compared: int


def move(source: Library, target: Library, on_articles: Callable[[int], None] = lambda _: None) -> Moved:
    """Put into `target` all that `source` holds, then compare the two.

    Args:
        source: is only read, as it is now.
        target: an empty library, or one that an earlier move began to fill.
        on_articles: told how many more articles are dealt with.

    Raises:
        InvalidInput: there is nothing to move.
        FingerprintMismatch: `target` was made with another model.
        LibraryError: they differ afterwards, as when `target` held other articles before.
    """
    if source.fingerprint is None:
        raise InvalidInput("There is nothing to copy: the library was never written.", field="from")
    target.adopt(source.fingerprint)
    copied = there = 0
    with source.snapshot() as snapshot:
        for batch in _batches(snapshot):
            check()
            known = target.digests([article.id for article in batch])
            whole = [_whole(snapshot, article.id) for article in batch]
            fresh = [article for article in whole if known.get(article.id) != article.digest]
            _put(source, snapshot, target, fresh)
            copied, there = copied + len(fresh), there + len(batch) - len(fresh)
            on_articles(len(batch))
        _fill(source, target)
        return Moved(copied, there, *_compared(source, snapshot, target))


def _batches(snapshot: Snapshot) -> Iterator[list[Article]]:
    after: str | None = None
    while batch := snapshot.articles(after, BATCH):
        yield batch
        after = batch[-1].id


def _whole(snapshot: Snapshot, article_id: str) -> Article:
    article = snapshot.article(article_id)
    if article is None:  # it is in the same snapshot as the page that named it
        raise LibraryError(f"The article {article_id!r} is listed and cannot be read.", article_id=article_id)
    return article


def _put(source: Library, snapshot: Snapshot, target: Library, articles: Sequence[Article]) -> None:
    """Store these articles with the vectors that all their passages have, and with what their outlets repeat."""
    if not articles:
        return
    passages = {article.id: snapshot.article_passages(article.id) for article in articles}
    digests = {article.id: [digest_of(article, one) for one in passages[article.id]] for article in articles}
    held = source.embedded([digest for each in digests.values() for digest in each])
    entries = [
        Entry(article, passages[article.id], _vectors(held, digests[article.id]), digests[article.id])
        for article in articles
    ]
    names = sorted({habits_name(name) for article in articles if (name := outlet(article))})
    target.put(entries, source.notes(names))


def _vectors(held: dict[bytes, Vectors], digests: Sequence[bytes]) -> Vectors | None:
    """The vectors of an article's passages; None where not all are there, to be filled in one by one."""
    if not digests or not all(digest in held for digest in digests):
        return None
    return np.stack([held[digest] for digest in digests])


def _fill(source: Library, target: Library) -> None:
    """Fill in the vectors of articles of which only some passages have one."""
    fingerprint = source.fingerprint or {}
    waiting = []
    while claimed := target.claim(fingerprint, SHARE, LEASE_SECONDS):
        held = source.embedded([one.digest for one in claimed])
        target.fill(
            fingerprint, [Filled(one.stored.key, one.digest, held[one.digest]) for one in claimed if one.digest in held]
        )
        waiting += [one for one in claimed if one.digest not in held]
    target.release(fingerprint, waiting)


def _compared(source: Library, snapshot: Snapshot, target: Library) -> tuple[int, int, int, int]:
    """The numbers of articles, of passages and of those without a vector, which both have, and how many were compared.

    Raises:
        LibraryError: something differs.
    """
    with target.snapshot() as made:
        counts = made.counts()
        if counts != snapshot.counts():
            expected = snapshot.counts()
            message = (
                f"The copy holds {counts[0]:,} articles and {counts[1]:,} passages, not {expected[0]:,} and "
                f"{expected[1]:,}{_stranger(snapshot, made)}. Copy into a new library, or delete what is too much."
            )
            raise LibraryError(message, held=list(counts), expected=list(expected))
        compared = 0
        for article_id in _sample(snapshot):
            compared += 1
            if not _same(source, snapshot, target, made, article_id):
                raise LibraryError(f"The article {article_id!r} is not the same in the copy.", article_id=article_id)
        return *counts, made.passages_without_vectors(), compared


def _stranger(snapshot: Snapshot, made: Snapshot) -> str:
    """An article that only the copy holds, for the message."""
    for batch in _batches(made):
        for article in batch:
            if snapshot.article(article.id) is None:
                return f" (such as {article.id!r}, which the original does not have)"
    return ""


def _sample(snapshot: Snapshot) -> Iterator[str]:
    """The ids of some articles, evenly from first to last."""
    step = max(snapshot.counts()[0] // SAMPLED, 1)
    ids = (article.id for batch in _batches(snapshot) for article in batch)
    return islice(ids, 0, None, step)


def _same(source: Library, snapshot: Snapshot, target: Library, made: Snapshot, article_id: str) -> bool:
    article, passages = _whole(snapshot, article_id), snapshot.article_passages(article_id)
    if made.article(article_id) != article or made.article_passages(article_id) != passages:
        return False
    digests = [digest_of(article, one) for one in passages]
    ours, theirs = source.embedded(digests), target.embedded(digests)
    return ours.keys() == theirs.keys() and all(np.array_equal(ours[one], theirs[one]) for one in ours)
