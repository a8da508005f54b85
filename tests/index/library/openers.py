"""The libraries that the conformance suites run against, and what they look at in them."""

from __future__ import annotations

import atexit
import hashlib
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path

import pytest

from index.library.contract import Filters, Library, Scored, Snapshot
from index.library.local.library import LocalLibrary
from index.library.opening import open_library
from tests.index.library.milvus_lite import LiteServer

Opener = Callable[[], Library]
NO_FILTERS = Filters()


def open_local(folder: Path) -> Library:
    return open_library(folder, create=True)


def open_local_with_main(folder: Path) -> Library:
    """A library that makes a main index early, and again and again."""
    open_library(folder, create=True).close()
    return LocalLibrary(folder, tail_rows=40)


def open_local_inverted(folder: Path) -> Library:
    """A library that makes an inverted main index early, and looks rows up in it even where a filter leaves few."""
    open_library(folder, create=True).close()
    return LocalLibrary(folder, tail_rows=40, inverted_rows=60, few_rows=5)


@cache
def lite() -> LiteServer:
    """One core for all tests of a process."""
    server = LiteServer()
    atexit.register(server.stop)
    return server


def open_milvus(folder: Path) -> Library:
    """A library on Milvus' own core: everything but HNSW, shards and replicas."""
    name = "t" + hashlib.sha256(str(folder).encode()).hexdigest()[:16]
    return open_library(lite().address(name), create=True)


def forget(library: Library) -> None:
    """Delete a library on Milvus; folders go with their test."""
    from index.library.milvus.library import MilvusLibrary  # noqa: PLC0415 - an extra

    assert isinstance(library, MilvusLibrary)
    engine = library._engine
    for name in engine._client.list_collections():
        if name.startswith(engine._name("")):
            engine._client.drop_collection(name)


KINDS = (open_local, open_local_with_main, open_local_inverted, open_milvus)
every_kind = pytest.mark.parametrize("opener", KINDS, indirect=True)
"""For what depends on how an implementation keeps its vectors."""

LEAST_RECALL = {open_local_inverted: 0.97}
"""What share of the exact best a kind finds at least, on average; all where nothing is said. Scores, filters and the
number of results are exact in every kind."""


LACKS_NEIGHBOURS = (open_milvus,)
"""Kinds that do not find misspelt names, for their engine does not list the words that it holds."""


def ids(snapshot: Snapshot, found: Sequence[Scored]) -> list[str]:
    return [one.passage.id for one in snapshot.passages([scored.key for scored in found])]


def words(library: Library, text: str, filters: Filters = NO_FILTERS) -> list[str]:
    with library.snapshot() as snapshot:
        return ids(snapshot, snapshot.lexical(text, 100, filters))
