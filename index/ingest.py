"""From drafts to a library: the one place (with re-embedding) that brings articles, a model and storage together.

Works in batches: clean, take out what the outlet repeats, leave out what the library already has, cut, put. Little is
embedded first, and only what was never embedded; much is stored first, and embedded by `index.filling` meanwhile. What
was reported as stored survives a crash; a batch that was not reported is not in the library.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, get_args

import numpy as np

from index.articles.article import Article, Draft
from index.articles.clean import CLEANER_VERSION
from index.articles.cut import CUTTER_VERSION, TARGET_TOKENS, cut
from index.articles.many import Cleaned, clean_many
from index.articles.passage import Passage
from index.articles.recurring import Habits, outlet, without_recurring
from index.cancelling import check
from index.embedding.contract import Embedder
from index.errors import FingerprintMismatch, PinciteError, Unreadable
from index.library.contract import Entry, Library

# A batch is one transaction. Large enough that its commit (about 20 ms) does not show beside its embedding (seconds),
# small enough that little is repeated after a crash.
BATCH_ARTICLES = 64
BATCH_CHARACTERS = 200_000

FEW = 64
"""Up to so many passages, about two seconds' worth, whoever stores them waits for their vectors too."""

FIRST_CHARACTERS = 1_600 * FEW
"""The first batch of many is smaller, so that embedding, which wants every core, begins sooner: 120 web pages had all
their vectors after 20.2 s without, and after 19.4 with half of this. But `FEW` passages, which are hardly longer, still
come in one batch."""

Fate = Literal["added", "updated", "unchanged", "superseded", "rejected"]
FATES: tuple[Fate, ...] = get_args(Fate)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one draft.

    Attributes:
        origin: where the draft came from.
        fate: ``superseded`` means that a later draft of the same run has the same id and took its place.
        article_id: None for what was rejected.
        error: why, for what was rejected.
        passages: how many passages the article has, 0 where it was not stored anew.
    """

    origin: str
    fate: Fate
    article_id: str | None = None
    error: PinciteError | None = None
    passages: int = 0


@dataclass(slots=True)
class Summary:
    """Counts of outcomes, and the rejected ones in full."""

    counts: dict[Fate, int] = field(default_factory=lambda: dict.fromkeys(FATES, 0))
    passages: int = 0
    rejected: list[Outcome] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        """Count one more outcome."""
        self.counts[outcome.fate] += 1
        self.passages += outcome.passages
        if outcome.fate == "rejected":
            self.rejected.append(outcome)


def fingerprint(embedder: Embedder) -> dict[str, object]:
    """The pipeline that makes vectors, as a library remembers it."""
    return {
        "model": dict(embedder.fingerprint),
        "cutter": {"version": CUTTER_VERSION, "target_tokens": TARGET_TOKENS},
        "cleaner": {"version": CLEANER_VERSION},
    }


def pipeline_of(library: Library, embedder: Embedder) -> dict[str, object]:
    """The fingerprint under which this model's vectors go into a library: its own, if its model is this one.

    Cutters and cleaners of other versions share a library: what one of them stored is as exact as what another does,
    and vectors of one model compare. So the library keeps telling which versions it was begun with.
    """
    own = fingerprint(embedder)
    return {**(library.fingerprint or own), "model": own["model"]}


def model_name(fingerprint: Mapping[str, object] | None) -> str | None:
    """The name of the model in a library's fingerprint; None for a library that was never written."""
    model = (fingerprint or {}).get("model")
    return str(model["name"]) if isinstance(model, dict) else None


def check_model(fingerprint: Mapping[str, object], embedder: Embedder) -> None:
    """Go on only if this model makes vectors of this pipeline.

    Raises:
        FingerprintMismatch: it does not; they do not compare.
    """
    if fingerprint["model"] != embedder.fingerprint:
        name = model_name(fingerprint)
        other = f"another {name} than the one that is here" if name == embedder.name else f"{name}, not {embedder.name}"
        message = (
            f"The library's vectors were made by {other}. Set the library's own model, or index into a new library."
        )
        raise FingerprintMismatch(message, stored=dict(fingerprint), given=dict(embedder.fingerprint))


def ingest(
    drafts: Iterable[Draft | Unreadable],
    library: Library,
    embedder: Embedder,
    on_embedded: Callable[[int], None] | None = None,
    processes: int = 1,
    on_waiting: Callable[[], None] | None = None,
) -> Iterator[Outcome]:
    """Store drafts, yielding one outcome a draft in the order given, each batch as soon as it is safely stored.

    Articles that the library already has in the same revision and with the same metadata cost nothing. A draft that
    cannot be used is rejected, the rest goes on.

    Args:
        drafts: what readers saw, or why they could not.
        library: where to store; it adopts this pipeline's fingerprint if it has none.
        embedder: the model.
        on_embedded: called with the number of passages embedded since the last call.
        processes: how many other processes clean pages; see `clean_many`.
        on_waiting: when given, passages are stored before they are embedded, unless all drafts make up to `FEW` of
            them: words find them at once, and this is called, to have `index.filling` embed them. When not, they are
            stored with their vectors.

    Raises:
        FingerprintMismatch: the library's vectors come from another pipeline.
    """
    library.adopt(pipeline_of(library, embedder))
    storing = _Storing(library, embedder, on_embedded, on_waiting)
    only = True
    for batch, last in _batches(clean_many(drafts, processes)):
        check()
        yield from storing.stored(batch, few=only and last)
        only = False


Batch = Sequence[Outcome | tuple[str, Article]]


def _batches(cleaned: Iterable[tuple[str, Cleaned]]) -> Iterator[tuple[Batch, bool]]:
    """Cleaned articles (with their origin) and rejections, in the order given, in lists of a bounded size; and whether
    a list is the last one because it was not filled."""
    batch: list[Outcome | tuple[str, Article]] = []
    characters, most = 0, FIRST_CHARACTERS
    for origin, found in cleaned:
        if isinstance(found, Article):
            characters += len(found.text)
            batch.append((origin, found))
        else:
            batch.append(Outcome(origin, "rejected", error=found))
        if len(batch) >= BATCH_ARTICLES or characters >= most:
            yield batch, False
            batch, characters, most = [], 0, BATCH_CHARACTERS
    if batch:
        yield batch, True


@dataclass(frozen=True, slots=True)
class _Storing:
    """Stores batches; see `ingest` for what it is told."""

    library: Library
    embedder: Embedder
    on_embedded: Callable[[int], None] | None
    on_waiting: Callable[[], None] | None

    def stored(self, batch: Batch, *, few: bool) -> Iterator[Outcome]:
        """Put one batch in one transaction and tell what became of each item; `few` when there are no others."""
        articles = {item[1].id: item[1] for item in batch if not isinstance(item, Outcome)}
        known = self.library.digests(list(articles))
        whole, notes = _without_recurring(list(articles.values()), known, self.library)
        fresh = [article for article in whole if known.get(article.id) != article.digest]
        entries = [self._entry(article) for article in fresh]
        passages = {entry.article.id: len(entry.passages) for entry in entries}
        if entries:
            self._put(entries, notes, at_once=self.on_waiting is None or (few and sum(passages.values()) <= FEW))
        for item in batch:
            yield item if isinstance(item, Outcome) else _outcome(*item, articles, known, passages)

    def _entry(self, article: Article) -> Entry:
        pieces = cut(article, self.embedder.tokens, _room(article, self.embedder))
        return Entry(article, pieces, None, [digest_of(article, piece) for piece in pieces])

    def _put(self, entries: Sequence[Entry], notes: Mapping[str, str], *, at_once: bool) -> None:
        if at_once:
            entries = self._with_vectors(entries)
        self.library.put(entries, notes)
        if not at_once and self.on_waiting is not None:
            self.on_waiting()

    def _with_vectors(self, entries: Sequence[Entry]) -> list[Entry]:
        """The same entries with a vector a passage: stored ones reused, the rest embedded once."""
        texts = {
            digest: embedded_text(entry.article, passage)
            for entry in entries
            for passage, digest in zip(entry.passages, entry.digests, strict=True)
        }
        held = self.library.embedded(list(texts))
        missing = {digest: text for digest, text in texts.items() if digest not in held}
        if self.on_embedded is not None:
            self.on_embedded(0)
        made = self.embedder.embed_passages(list(missing.values()), self.on_embedded)
        held |= dict(zip(missing, made, strict=True))
        none = np.empty((0, self.embedder.dimensions), np.float32)
        return [
            replace(entry, vectors=np.stack([held[digest] for digest in entry.digests]) if entry.digests else none)
            for entry in entries
        ]


def _without_recurring(
    articles: Sequence[Article], known: Mapping[str, str], library: Library
) -> tuple[list[Article], dict[str, str]]:
    """The articles without the lines that their outlets repeat, and the notes on the outlets for the library to keep.

    Only articles that the library does not know teach anything, so indexing them again changes no note.
    """
    names = {article.id: habits_name(name) for article in articles if (name := outlet(article))}
    held = library.notes(sorted(set(names.values())))
    habits = {name: Habits.loaded(held.get(name)) for name in names.values()}
    for article in articles:
        if article.id in names and article.id not in known:
            habits[names[article.id]].learn(article)
    left = [without_recurring(one, habits[names[one.id]]) if one.id in names else one for one in articles]
    dumped = {name: learnt.dumped() for name, learnt in habits.items()}
    return left, {name: text for name, text in dumped.items() if text != held.get(name)}


def _outcome(
    origin: str,
    article: Article,
    articles: Mapping[str, Article],
    known: Mapping[str, str],
    passages: Mapping[str, int],
) -> Outcome:
    if articles[article.id] is not article:
        return Outcome(origin, "superseded", article.id)
    if article.id not in passages:
        return Outcome(origin, "unchanged", article.id)
    return Outcome(origin, "updated" if article.id in known else "added", article.id, passages=passages[article.id])


def _room(article: Article, embedder: Embedder) -> int:
    """How many tokens a passage may have when the title is read before it; a title never takes more than half."""
    title = len(embedder.tokens(article.title)) + 1 if article.title else 0
    return max(embedder.max_tokens - title, embedder.max_tokens // 2)


def habits_name(outlet_name: str) -> str:
    """The note that a library keeps of what an outlet repeats."""
    return f"habits of {outlet_name}"


def digest_of(article: Article, passage: Passage) -> bytes:
    """The content hash of what is embedded for a passage."""
    return hashlib.blake2b(embedded_text(article, passage).encode(), digest_size=16).digest()


def embedded_text(article: Article, passage: Passage) -> str:
    """What the model reads for a passage: the title first, as context, unless the passage begins with it."""
    if not article.title or passage.text.startswith(article.title):
        return passage.text
    return f"{article.title}\n{passage.text}"
