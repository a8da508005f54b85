"""Storing on a server: files are sent as they are, a few megabytes at a time; URLs are read here, politely as ever.

The fate of each article comes back as the same outcome that a library in this process gives.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from api.client import Pincite
from api.client.replies import known_error
from api.plain.shapes import Fate
from index.articles.article import Draft
from index.articles.readers.reading import files_at
from index.errors import PinciteError, Unreadable
from index.ingest import Outcome

BATCH_BYTES = 4_000_000
BATCH_FILES = 64
"""What goes in one request: large enough to hide its overhead, small enough that progress shows."""

Named = tuple[str, bytes]


def uploaded(
    pincite: Pincite, paths: Iterable[str], on_embedded: Callable[[int], None] = lambda _: None
) -> Iterator[Outcome]:
    """Store what is in files and folders; what cannot be read here is a rejection like any other."""
    for batch in _batches(_contents(paths)):
        if isinstance(batch, Unreadable):
            yield Outcome(batch.origin, "rejected", error=batch)
            continue
        for outcome in (_outcome(fate, "upload") for fate in pincite.upload(*batch).results):
            on_embedded(outcome.passages)
            yield outcome


def stored(pincite: Pincite) -> Callable[[Iterable[Draft | Unreadable]], Iterator[Outcome]]:
    """A function that stores drafts, as `index.watching.keeper.Keeper` takes it."""

    def store(drafts: Iterable[Draft | Unreadable]) -> Iterator[Outcome]:
        readable: list[Draft] = []
        for draft in drafts:
            if isinstance(draft, Unreadable):
                yield Outcome(draft.origin, "rejected", error=draft)
            else:
                readable.append(draft)
        if readable:
            fates = pincite.add([_record(draft) for draft in readable]).results
            yield from (_outcome(fate, readable[fate.index].origin) for fate in fates)

    return store


def _contents(paths: Iterable[str]) -> Iterator[Named | Unreadable]:
    for found in files_at(paths):
        if isinstance(found, Unreadable):
            yield found
            continue
        path, origin = found
        try:
            yield ("stdin", sys.stdin.buffer.read()) if str(path) == "-" else (origin, path.read_bytes())
        except OSError as error:
            yield Unreadable(error.strerror or str(error), origin=origin)


def _batches(files: Iterable[Named | Unreadable]) -> Iterator[list[Named] | Unreadable]:
    waiting: list[Named] = []
    for found in files:
        if isinstance(found, Unreadable):
            yield found
            continue
        if waiting and (len(waiting) == BATCH_FILES or _size([*waiting, found]) > BATCH_BYTES):
            yield waiting
            waiting = []
        waiting.append(found)
    if waiting:
        yield waiting


def _size(files: Iterable[Named]) -> int:
    return sum(len(content) for _, content in files)


def _outcome(fate: Fate, origin: str) -> Outcome:
    error = _error(fate.error) if fate.error else None
    named = fate.id or (error and error.detail.get("origin")) or origin
    return Outcome(str(named), fate.status, fate.id, error, fate.passages)


def _error(told: Mapping[str, Any]) -> PinciteError:
    return known_error(told["code"], told["message"], told["detail"])


def _record(draft: Draft) -> dict[str, Any]:
    """A draft as `POST /v1/articles` takes it. Markdown goes as plain text: pages and feeds are HTML."""
    fields = asdict(draft)
    record = {name: value for name, value in fields.items() if name in _SENT and value}
    record["html" if draft.markup == "html" else "text"] = draft.content
    if not (draft.id or draft.url):
        record["id"] = draft.origin
    return record


_SENT = ("id", "title", "source", "author", "published", "url", "language", "tags", "metadata")
