"""Random sequences of operations on a library, each compared with a plain dictionary."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from index.errors import VectorsMissing
from index.library.contract import Awaited, Entry, Filled, Filters, Snapshot, Vectors
from index.library.local import copying
from index.library.local.library import LocalLibrary
from index.library.opening import open_library
from tests.index.library.samples import DIMENSIONS, PlainLibrary, entry, unit_vectors

NAMES = [f"a{number}" for number in range(8)]
TOPICS = ["grain", "embargo", "harvest", "peace", "talks"]


@st.composite
def entries(draw: st.DrawFn) -> list[Entry]:
    made = []
    for name in draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=4, unique=True)):
        sentences = draw(st.lists(st.sampled_from(TOPICS), max_size=4))
        source = draw(st.sampled_from(["Reuters", "dpa", None]))
        later = draw(st.booleans())
        made.append(entry(name, *sentences, later=later, source=source, language="en"))
    return made


def embedded(one: Entry, dimensions: int) -> Entry:
    return replace(one, vectors=vectors_of([passage.text for passage in one.passages], dimensions))


def vectors_of(sentences: Sequence[str], dimensions: int) -> Vectors:
    """Equal texts have equal vectors, as a model gives them."""
    rows = [unit_vectors(1, TOPICS.index(sentence), dimensions) for sentence in sentences]
    return np.concatenate([np.empty((0, dimensions), np.float32), *rows])


flat = st.builds(
    Filters,
    sources=st.sampled_from([(), (), ("REUTERS",), ("dpa", "reuters")]),
    article_ids=st.sampled_from([(), (), ("a1", "a2", "a5")]),
)
filters = flat | st.builds(
    Filters,
    any_of=st.lists(flat, max_size=2).map(tuple),
    none_of=st.lists(flat, max_size=2).map(tuple),
    also=st.none() | flat,
)


class Copied(NamedTuple):
    """A copy of the library in one file, and what it holds."""

    content: bytes
    plain: PlainLibrary
    generation: int
    model: tuple[dict[str, object], int]
    other: tuple[dict[str, object], int]


class LibraryMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.room = tempfile.TemporaryDirectory()
        self.folder = Path(self.room.name) / "0"
        self.plain = PlainLibrary()
        self.held: list[tuple[Snapshot, PlainLibrary]] = []
        self.claimed: list[Awaited] = []
        self.generation = 0
        self.copied: Copied | None = None

    @initialize()
    def make(self) -> None:
        open_library(self.folder, create=True).close()
        self.library = LocalLibrary(self.folder, tail_rows=6)
        self.model, self.other = [({"model": {"name": str(size)}}, size) for size in (DIMENSIONS, 8)]
        self.library.adopt(self.model[0])

    @rule(batch=entries())
    def put(self, batch: list[Entry]) -> None:
        batch = [one if one.vectors is None else embedded(one, self.model[1]) for one in batch]
        known = {one.article.id for one in batch} & self.plain.entries.keys()
        receipt = self.library.put(batch)
        self.plain.put(batch)
        self.generation += 1
        assert (receipt.generation, receipt.updated) == (self.generation, len(known))
        assert receipt.added == len(batch) - len(known)

    @rule(names=st.lists(st.sampled_from(NAMES), max_size=3))
    def delete(self, names: list[str]) -> None:
        known = set(names) & self.plain.entries.keys()
        receipt = self.library.delete(names)
        self.plain.delete(names)
        self.generation += bool(known)
        assert (receipt.generation, receipt.deleted) == (self.generation, len(known))

    # Vectors that come later, and those of another model

    @rule(count=st.integers(1, 5))
    def claim(self, count: int) -> None:
        """What another worker, who may come late or never, has claimed: its claim ends at once."""
        self.claimed += self.library.claim(self.model[0], count, -1)

    @precondition(lambda self: self.claimed)
    @rule()
    def fill_what_was_claimed(self) -> None:
        claimed, self.claimed = self.claimed, []
        self.fill(claimed, self.model, self.plain.vectors)

    @rule(count=st.integers(1, 9))
    def claim_and_fill(self, count: int) -> None:
        self.fill(self.library.claim(self.model[0], count, -1), self.model, self.plain.vectors)

    def fill(self, claimed: Sequence[Awaited], model: tuple[dict[str, object], int], held: dict[str, Vectors]) -> None:
        texts = [one.stored.passage.text for one in claimed]
        filled = [
            Filled(one.stored.key, one.digest, row)
            for one, row in zip(claimed, vectors_of(texts, model[1]), strict=True)
        ]
        with self.library.snapshot() as snapshot:
            alive = {one.key: one.passage.id for one in snapshot.passages([one.key for one in filled])}
        waited = {alive[one.key]: one.vector for one in filled if one.key in alive and alive[one.key] not in held}
        receipt = self.library.fill(model[0], filled)
        assert receipt.filled == len(waited)
        held |= waited
        self.generation += bool(waited)

    @rule()
    def begin_or_go_on_with_another_model(self) -> None:
        self.library.succeed(self.other[0])
        if self.plain.beside is None:
            self.plain.beside = {}
        self.fill(self.library.claim(self.other[0], 6, -1), self.other, self.plain.beside)

    @precondition(lambda self: self.plain.beside is not None)
    @rule()
    def switch(self) -> None:
        if self.plain.passing_ids(Filters()) - self.plain.beside.keys():
            with pytest.raises(VectorsMissing, match="have no vector of the new model yet"):
                self.library.switch(self.other[0])
            return
        self.library.switch(self.other[0])
        self.model, self.other = self.other, self.model
        self.plain.dimensions = self.model[1]
        self.plain.vectors, self.plain.beside = self.plain.beside, self.plain.vectors
        self.claimed.clear()
        self.library.adopt(self.model[0])
        self.generation += 1

    @rule()
    def forget(self) -> None:
        assert self.library.forget() is (self.plain.beside is not None)
        self.plain.beside = None

    @rule(seed=st.integers(0, 5), limit=st.integers(1, 12), narrowed=filters)
    def search_by_meaning(self, seed: int, limit: int, narrowed: Filters) -> None:
        with self.library.snapshot() as snapshot:
            assert_same_vectors(snapshot, self.plain, seed, limit, narrowed)

    @rule(topic=st.sampled_from(TOPICS), narrowed=filters)
    def search_by_words(self, topic: str, narrowed: Filters) -> None:
        with self.library.snapshot() as snapshot:
            assert_same_words(snapshot, self.plain, topic, narrowed)

    @precondition(lambda self: len(self.held) < 3)
    @rule()
    def hold_a_snapshot(self) -> None:
        self.held.append((self.library.snapshot(), self.plain.copy()))

    @precondition(lambda self: self.held)
    @rule(topic=st.sampled_from(TOPICS), seed=st.integers(0, 5), narrowed=filters)
    def look_at_a_held_snapshot(self, topic: str, seed: int, narrowed: Filters) -> None:
        snapshot, plain = self.held.pop(0)
        with snapshot:
            assert_same_vectors(snapshot, plain, seed, 20, narrowed)
            assert_same_words(snapshot, plain, topic, narrowed)
            for name in NAMES:
                one = plain.entries.get(name)
                assert snapshot.article(name) == (one and one.article)
                assert snapshot.article_passages(name) == (list(one.passages) if one else [])

    @rule()
    def open_again(self) -> None:
        self.close_all()
        self.library = LocalLibrary(self.folder, tail_rows=6)

    @rule(part=st.sampled_from(["words", "vectors"]))
    def open_again_without_a_derived_part(self, part: str) -> None:
        self.close_all()
        shutil.rmtree(self.folder / part, ignore_errors=True)
        self.library = LocalLibrary(self.folder, tail_rows=6)

    @rule()
    def kill(self) -> None:
        """Go on with the files as a killed process leaves them: nothing is closed, nothing is moved out of the log."""
        left = self.folder.with_name(str(int(self.folder.name) + 1))
        with suppress(shutil.Error):  # a main index was being made: some of its files may be gone by now
            shutil.copytree(self.folder, left)
        self.close_all()
        shutil.rmtree(self.folder)
        self.folder = left
        self.library = LocalLibrary(self.folder, tail_rows=6)

    @rule()
    def take_a_copy(self) -> None:
        """One file; see `bring_the_copy_back`."""
        file = self.folder.with_name(self.folder.name + ".pincite")
        file.unlink(missing_ok=True)
        taken = copying.snapshot(self.folder, file)
        assert taken.generation == self.generation
        self.copied = Copied(file.read_bytes(), self.plain.copy(), self.generation, self.model, self.other)
        file.unlink()

    @precondition(lambda self: self.copied)
    @rule()
    def bring_the_copy_back(self) -> None:
        assert self.copied is not None
        self.close_all()
        file = self.folder.with_name(self.folder.name + ".pincite")
        file.write_bytes(self.copied.content)
        copying.restore(file, self.folder, replace=True)
        file.unlink()
        self.plain = self.copied.plain.copy()
        self.generation, self.model, self.other = self.copied.generation, self.copied.model, self.copied.other
        self.claimed.clear()
        self.library = LocalLibrary(self.folder, tail_rows=6)

    @invariant()
    def sizes_agree(self) -> None:
        with self.library.snapshot() as snapshot:
            expected = (len(self.plain.entries), len(self.plain.passing_ids(Filters())))
            assert snapshot.counts() == expected
            assert snapshot.passages_without_vectors() == expected[1] - len(self.plain.vectors)
            assert snapshot.generation == self.generation

    def close_all(self) -> None:
        for snapshot, _ in self.held:
            snapshot.close()
        self.held.clear()
        self.library.close()

    def teardown(self) -> None:
        self.close_all()
        self.room.cleanup()


def assert_same_vectors(snapshot: Snapshot, plain: PlainLibrary, seed: int, limit: int, narrowed: Filters) -> None:
    """The same scores as exact search; passages of equal score may stand in the order of their keys."""
    vector = unit_vectors(1, seed, plain.dimensions)[0]
    found = snapshot.dense(vector, limit, narrowed)
    expected = plain.dense(vector, 1000, narrowed)
    np.testing.assert_allclose([one.score for one in found], [score for _, score in expected[:limit]], atol=1e-6)
    assert found == sorted(found, key=lambda one: (-one.score, one.key))
    scores = dict(expected)
    for one, stored in zip(found, snapshot.passages([hit.key for hit in found]), strict=True):
        assert abs(scores[stored.passage.id] - one.score) < 1e-6


def assert_same_words(snapshot: Snapshot, plain: PlainLibrary, topic: str, narrowed: Filters) -> None:
    found = [one.key for one in snapshot.lexical(topic, 1000, narrowed)]
    texts = {
        passage.id: passage.text
        for one in plain.entries.values()
        for passage in one.passages
        if passage.id in plain.passing_ids(narrowed)
    }
    assert {one.passage.id for one in snapshot.passages(found)} == {key for key, text in texts.items() if text == topic}


LibraryMachine.TestCase.settings = settings(
    max_examples=15, stateful_step_count=18, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestLibraryMachine = LibraryMachine.TestCase
