"""What every library must do with passages whose vectors come later, and with vectors of another pipeline."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from index.errors import FingerprintMismatch, LibraryError, VectorsMissing
from index.library.contract import Awaited, Entry, Filled, Library, Vectors
from tests.index.library.openers import NO_FILTERS, Opener, every_kind, ids, words
from tests.index.library.samples import PlainLibrary, digest, entry, random_entries, unit_vectors

MODEL = {"model": {"name": "small"}}
OTHER = {"model": {"name": "large"}}
THIRD = {"model": {"name": "third"}}


@pytest.fixture
def library(opener: Opener) -> Library:
    library = opener()
    library.adopt(MODEL)
    return library


def later(entries: Sequence[Entry]) -> list[Entry]:
    """The same articles without their vectors."""
    return [Entry(one.article, one.passages, None, one.digests) for one in entries]


def vectors_of(entries: Sequence[Entry]) -> dict[str, Vectors]:
    return {
        passage.id: row
        for one in entries
        for passage, row in zip(one.passages, one.vectors, strict=True)  # type: ignore[arg-type]
    }


def filled(claimed: Sequence[Awaited], vectors: Mapping[str, Vectors]) -> list[Filled]:
    return [Filled(one.stored.key, one.digest, vectors[one.stored.passage.id]) for one in claimed]


def names(claimed: Sequence[Awaited]) -> list[str]:
    return [one.stored.passage.id for one in claimed]


def dense(library: Library, seed: int = 0, dimensions: int = 16) -> list[str]:
    with library.snapshot() as snapshot:
        return ids(snapshot, snapshot.dense(unit_vectors(1, seed, dimensions)[0], 1000, NO_FILTERS))


def waiting(library: Library) -> int:
    with library.snapshot() as snapshot:
        number = snapshot.passages_without_vectors()
    assert library.status().passages_without_vectors == number
    return number


def test_a_new_library_waits_for_nothing(library: Library) -> None:
    assert waiting(library) == 0
    assert library.claim(MODEL, 10, 60) == []
    assert library.status().beside is None


def test_words_find_at_once_what_meaning_finds_later(library: Library) -> None:
    library.put([entry("a", "apple pie", "banana bread", later=True)])
    assert words(library, "apple") == ["a#0"]
    assert dense(library) == []
    assert waiting(library) == 2
    claimed = library.claim(MODEL, 10, 60)
    vectors = unit_vectors(2, 3)
    receipt = library.fill(MODEL, filled(claimed, {"a#0": vectors[0], "a#1": vectors[1]}))
    assert (receipt.generation, receipt.filled) == (2, 2)
    assert dense(library, seed=3) == ["a#0", "a#1"]
    assert waiting(library) == 0
    with library.snapshot() as snapshot:
        assert snapshot.generation == 2
        keys = [one.key for one in snapshot.dense(vectors[1], 1, NO_FILTERS)]
        np.testing.assert_array_equal(snapshot.vectors(keys)[0], vectors[1])


def test_what_waits_is_told_with_its_text_title_and_digest(library: Library) -> None:
    library.put([entry("a", "apple pie", "banana bread", later=True, title="Baking", language="en")])
    first, second = library.claim(MODEL, 10, 60)
    assert (first.stored.passage.text, second.stored.passage.text) == ("apple pie", "banana bread")
    assert (first.digest, second.digest) == (digest("apple pie"), digest("banana bread"))
    assert (first.stored.article.title, first.stored.article.language) == ("Baking", "en")


@every_kind
def test_filling_bit_by_bit_agrees_with_exact_search(library: Library) -> None:
    entries = random_entries(120, seed=1)
    plain = PlainLibrary()
    library.put(later(entries))
    plain.put(later(entries))
    vectors = vectors_of(entries)
    while claimed := library.claim(MODEL, 37, 60):
        shuffled = filled(claimed, vectors)[::-1]
        assert library.fill(MODEL, shuffled).filled == len(claimed)
        plain.vectors |= {name: vectors[name] for name in names(claimed)}
        asked = unit_vectors(1, len(plain.vectors))[0]
        with library.snapshot() as snapshot:
            found = snapshot.dense(asked, 50, NO_FILTERS)
            assert ids(snapshot, found) == [name for name, _ in plain.dense(asked, 50, NO_FILTERS)]
            assert snapshot.passages_without_vectors() == len(vectors) - len(plain.vectors)
    assert len(plain.vectors) == len(vectors)
    assert waiting(library) == 0


@every_kind
def test_passages_with_and_without_vectors_come_in_turns(library: Library, opener: Opener) -> None:
    """What is stored with its vectors is found at once, though what came before it still waits for its own."""
    early, late = random_entries(60, seed=1), random_entries(60, seed=2, first=60)
    plain = PlainLibrary()
    for entries in (later(early), late, later(early[:5])):
        library.put(entries)
        plain.put(entries)
    vectors = vectors_of(early)
    claimed = library.claim(MODEL, 10_000, 60)
    assert sorted(names(claimed)) == sorted(vectors)
    library.delete(["a7", "a61"])
    plain.delete(["a7", "a61"])
    assert library.fill(MODEL, filled(claimed, vectors)).filled == len(claimed) - len(early[7].passages)
    plain.vectors |= {name: vector for name, vector in vectors.items() if not name.startswith("a7#")}
    for one in (library, opener()):
        with one.snapshot() as snapshot:
            asked = unit_vectors(1, 5)[0]
            found = snapshot.dense(asked, 1000, NO_FILTERS)
            assert ids(snapshot, found) == [name for name, _ in plain.dense(asked, 1000, NO_FILTERS)]


def test_a_snapshot_does_not_see_what_is_filled_later(library: Library) -> None:
    library.put([entry("a", "apple", later=True)])
    with library.snapshot() as before:
        library.fill(MODEL, [Filled(one.stored.key, one.digest, unit_vectors(1, 1)[0]) for one in claim(library)])
        assert before.passages_without_vectors() == 1
        assert before.dense(unit_vectors(1, 1)[0], 10, NO_FILTERS) == []
    assert dense(library) == ["a#0"]


def claim(library: Library, count: int = 1000, fingerprint: Mapping[str, object] = MODEL) -> list[Awaited]:
    return library.claim(fingerprint, count, 60)


# Sharing the work


def test_nobody_is_given_what_another_has_claimed(library: Library, opener: Opener) -> None:
    library.put([entry(f"a{number}", f"text {number}", later=True) for number in range(10)])
    other = opener()
    shares = [names(one.claim(MODEL, 4, 60)) for one in (library, other, library, other)]
    assert [len(share) for share in shares] == [4, 4, 2, 0]
    assert len({name for share in shares for name in share}) == 10


def test_a_claim_ends_with_its_time(library: Library, opener: Opener) -> None:
    library.put([entry("a", "apple", later=True)])
    assert names(library.claim(MODEL, 10, -1)) == ["a#0"]
    assert names(opener().claim(MODEL, 10, 60)) == ["a#0"]
    assert library.claim(MODEL, 10, 60) == []


def test_what_is_given_back_is_free_for_others(library: Library, opener: Opener) -> None:
    library.put([entry("a", "apple", later=True), entry("b", "banana", later=True)])
    first, _ = library.claim(MODEL, 2, 60)
    library.release(MODEL, [first])
    assert names(opener().claim(MODEL, 2, 60)) == ["a#0"]


def test_who_comes_late_with_a_vector_is_welcome_unless_it_is_there(library: Library, opener: Opener) -> None:
    library.put([entry("a", "apple", later=True), entry("b", "banana", later=True)])
    early = library.claim(MODEL, 1, -1)
    both = opener().claim(MODEL, 2, 60)
    first, second = unit_vectors(2, 1)
    assert library.fill(MODEL, filled(early, {"a#0": first})).filled == 1
    receipt = library.fill(MODEL, filled(both, {"a#0": second, "b#0": second}))
    assert receipt.filled == 1
    with library.snapshot() as snapshot:
        assert snapshot.vectors([one.stored.key for one in both]).tolist() == [first.tolist(), second.tolist()]


def test_a_vector_for_a_passage_that_was_replaced_is_passed_over(library: Library) -> None:
    library.put([entry("a", "apple", later=True), entry("b", "banana", later=True)])
    claimed = claim(library)
    library.put([entry("a", "avocado", later=True)])
    library.delete(["b"])
    receipt = library.fill(MODEL, filled(claimed, vectors_of([entry("a", "x"), entry("b", "x")])))
    assert (receipt.generation, receipt.filled) == (3, 0)
    assert names(claim(library)) == ["a#0"]
    assert waiting(library) == 1


def test_a_vector_of_another_text_is_passed_over(library: Library) -> None:
    library.put([entry("a", "apple", later=True)])
    (one,) = claim(library)
    assert library.fill(MODEL, [Filled(one.stored.key, digest("pear"), unit_vectors(1, 1)[0])]).filled == 0
    assert waiting(library) == 1


@every_kind
def test_many_fill_at_a_time(library: Library, opener: Opener) -> None:
    entries = random_entries(150, seed=4)
    library.put(later(entries))
    vectors = vectors_of(entries)
    counts: list[int] = []

    def work(one: Library) -> None:
        while claimed := one.claim(MODEL, 11, 60):
            counts.append(one.fill(MODEL, filled(claimed, vectors)).filled)

    workers = [threading.Thread(target=work, args=(one,)) for one in (library, library, opener())]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sum(counts) == len(vectors)
    assert sorted(dense(library)) == sorted(vectors)


@pytest.mark.parametrize(
    ("vector", "message"),
    [
        (unit_vectors(1, 1)[0] * 2, "not a float32 one of unit length"),
        (unit_vectors(1, 1)[0] * np.float32("nan"), "not a float32 one of unit length"),
        (unit_vectors(1, 1)[0].astype(np.float64), "not a float32 one of unit length"),
        (unit_vectors(1, 1), "not a float32 one of unit length"),
        (unit_vectors(1, 1, dimensions=8)[0], "8 dimensions, the library's have 16"),
    ],
    ids=["long", "no number", "double", "matrix", "dimensions"],
)
def test_what_is_no_vector_of_the_librarys_is_refused(library: Library, vector: Vectors, message: str) -> None:
    library.put([entry("a", "apple"), entry("b", "banana", later=True)])
    (one,) = claim(library)
    with pytest.raises(ValueError, match=message):
        library.fill(MODEL, [Filled(one.stored.key, one.digest, vector)])
    assert waiting(library) == 1


def test_vectors_of_an_unknown_pipeline_are_refused(library: Library) -> None:
    library.put([entry("a", "apple", later=True)])
    (one,) = claim(library)
    with pytest.raises(FingerprintMismatch, match=r"small.*large"):
        library.claim(OTHER, 1, 60)
    with pytest.raises(FingerprintMismatch, match=r"small.*large"):
        library.fill(OTHER, [Filled(one.stored.key, one.digest, unit_vectors(1, 1)[0])])


# Nothing is embedded twice


def test_vectors_of_the_same_texts_are_taken_over(library: Library) -> None:
    vectors = unit_vectors(3, 6)
    library.put([entry("a", "apple", "banana", "cherry", vectors=vectors)])
    library.put([entry("a", "banana", "dates", later=True), entry("b", "cherry", later=True)])
    assert sorted(dense(library)) == ["a#0", "b#0"]
    assert names(claim(library)) == ["a#1"]
    with library.snapshot() as snapshot:
        keys = [snapshot.lexical(text, 1, NO_FILTERS)[0].key for text in ("banana", "cherry")]
        np.testing.assert_array_equal(snapshot.vectors(keys), vectors[1:])


def test_how_many_wait_and_what_was_embedded_is_told_for_each_pipeline(library: Library) -> None:
    vectors = unit_vectors(1, 6)
    library.put([entry("a", "apple", vectors=vectors), entry("b", "banana", later=True)])
    library.succeed(OTHER)
    assert (library.waiting(), library.waiting(MODEL), library.waiting(OTHER)) == (1, 1, 2)
    assert library.embedded([digest("apple")], OTHER) == {}
    refill(library, OTHER)
    assert (library.waiting(), library.waiting(OTHER)) == (1, 0)
    assert library.embedded([digest("apple")])[digest("apple")].tolist() == vectors[0].tolist()
    assert library.embedded([digest("apple")], OTHER)[digest("apple")].shape == (8,)
    with pytest.raises(FingerprintMismatch):
        library.waiting(THIRD)


def test_what_waits_is_not_taken_for_embedded(library: Library) -> None:
    library.put([entry("a", "apple", later=True)])
    assert library.embedded([digest("apple")]) == {}


# Vectors of another pipeline, beside


def refill(library: Library, fingerprint: Mapping[str, object], dimensions: int = 8) -> None:
    """Fill what waits for vectors of this pipeline; a text's vector is seeded by its length."""
    while claimed := library.claim(fingerprint, 50, 60):
        made = [unit_vectors(1, len(one.stored.passage.text), dimensions)[0] for one in claimed]
        library.fill(
            fingerprint,
            [Filled(one.stored.key, one.digest, vector) for one, vector in zip(claimed, made, strict=True)],
        )


@every_kind
def test_vectors_are_made_beside_and_switched_to(library: Library, opener: Opener) -> None:
    library.put(random_entries(60, seed=1))
    before = dense(library)
    library.succeed(OTHER)
    status = library.status()
    assert status.beside is not None
    assert (status.beside.fingerprint, status.beside.passages_without_vectors) == (OTHER, len(before))
    assert (status.passages_without_vectors, library.fingerprint) == (0, MODEL)
    refill(library, OTHER)
    assert dense(library) == before
    library.switch(OTHER)
    assert library.fingerprint == OTHER
    for one in (library, opener()):
        assert sorted(dense(one, dimensions=8)) == sorted(before)
        status = one.status()
        assert status.beside is not None
        assert (status.beside.fingerprint, status.beside.passages_without_vectors) == (MODEL, 0)
        assert set(status.derived.values()) <= {0}


def test_a_snapshot_keeps_its_vectors_when_others_come_into_use(library: Library) -> None:
    library.put([entry("a", "apple", seed=1)])
    library.succeed(OTHER)
    refill(library, OTHER)
    with library.snapshot() as before:
        library.switch(OTHER)
        assert [one.key for one in before.dense(unit_vectors(1, 1)[0], 5, NO_FILTERS)] == [1]
        with library.snapshot() as after:
            assert after.generation == before.generation + 1
            assert after.dense(unit_vectors(1, 5, 8)[0], 5, NO_FILTERS)[0].score == pytest.approx(1, abs=1e-6)


def test_articles_that_come_meanwhile_wait_for_both(library: Library) -> None:
    library.put([entry("a", "apple")])
    library.succeed(OTHER)
    refill(library, OTHER)
    library.put([entry("b", "banana", seed=2), entry("c", "apple", later=True)])
    assert names(claim(library, fingerprint=OTHER)) == ["b#0"]
    assert waiting(library) == 0
    with pytest.raises(VectorsMissing, match="1 passages have no vector of the new model yet"):
        library.switch(OTHER)
    assert library.fingerprint == MODEL


def test_switching_back_needs_only_what_came_since(library: Library) -> None:
    library.put([entry("a", "apple", seed=1), entry("b", "banana", seed=2)])
    library.succeed(OTHER)
    refill(library, OTHER)
    library.switch(OTHER)
    library.delete(["b"])
    library.put([entry("c", "cherry", later=True)])
    refill(library, OTHER)
    library.succeed(MODEL)
    assert names(claim(library)) == ["c#0"]
    library.fill(MODEL, [Filled(3, digest("cherry"), unit_vectors(1, 3)[0])])
    library.switch(MODEL)
    assert dense(library, seed=1)[0] == "a#0"
    assert sorted(dense(library)) == ["a#0", "c#0"]


def test_vectors_beside_can_be_forgotten(library: Library, opener: Opener) -> None:
    library.put([entry("a", "apple")])
    assert library.forget() is False
    library.succeed(OTHER)
    refill(library, OTHER)
    library.switch(OTHER)
    assert library.forget() is True
    assert library.status().beside is None
    with pytest.raises(FingerprintMismatch):
        library.switch(MODEL)
    library.succeed(MODEL)
    assert names(claim(opener())) == ["a#0"]


def test_only_one_other_pipeline_is_kept(library: Library) -> None:
    library.succeed(OTHER)
    library.succeed(OTHER)
    with pytest.raises(LibraryError, match=r"vectors of small and large.*--forget"):
        library.succeed(THIRD)


def test_who_has_not_heard_of_the_switch_stores_no_vectors(library: Library, opener: Opener) -> None:
    library.put([entry("a", "apple")])
    other = opener()
    other.succeed(OTHER)
    refill(other, OTHER)
    other.switch(OTHER)
    with pytest.raises(FingerprintMismatch, match=r"large.*small"):
        library.put([entry("b", "banana")])
    library.put([entry("b", "banana", later=True)])
    assert names(claim(library, fingerprint=OTHER)) == ["b#0"]
    with pytest.raises(FingerprintMismatch):
        library.adopt(MODEL)


def test_what_is_stored_is_there_after_opening_again(library: Library, opener: Opener) -> None:
    library.put([entry("a", "apple", later=True)])
    library.succeed(OTHER)
    library.close()
    reopened = opener()
    assert waiting(reopened) == 1
    assert reopened.status().beside is not None
    assert names(claim(reopened)) == ["a#0"]
