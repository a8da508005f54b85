"""What is refused before anything is written, whatever the library."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from index.articles.passage import Passage
from index.library.checking import checked, checked_vectors
from index.library.contract import Entry, Filled
from tests.index.library.samples import digest, entry, unit_vectors

SOUND = entry("a", "first words", "second words", source="dpa", published="2025-01-13T09:30:00+03:00", tags=("war",))


def changed(**fields: object) -> Entry:
    return replace(SOUND, article=replace(SOUND.article, **fields))


def test_what_is_sound_passes() -> None:
    checked([SOUND, entry("b", "later", later=True), entry("c")])


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        (changed(published="2025-02-30"), "was published '2025-02-30', which is not an ISO 8601 date"),
        (changed(published=""), "was published '', which is not an ISO 8601 date"),
        (changed(source="d\0pa"), "holds a NUL character"),
        (changed(tags=("w\0ar",)), "holds a NUL character"),
        (changed(title="\ud800"), "holds half a surrogate pair"),
        (changed(metadata={"more": ["\ud800"]}), "holds half a surrogate pair"),
        (changed(removed=("\udfff",)), "holds half a surrogate pair"),
        (changed(text="first wordz\nsecond words"), "does not say the text of passage 0 at 0..11"),
        (replace(SOUND, digests=[digest("x")]), "has 2 passages, but 1 digests"),
        (
            replace(SOUND, vectors=unit_vectors(1, 0)),
            r"has 2 passages, but vectors that are float32 of shape \(1,",
        ),
        (replace(SOUND, vectors=unit_vectors(2, 0) * 2), "has a vector that is not of unit length"),
        (replace(SOUND, vectors=unit_vectors(2, 0) * np.float32("nan")), "has a vector that is not of unit length"),
        (replace(SOUND, passages=[Passage("b", 0, 0, 5, "first")] * 2), "where its passage 0 should stand"),
    ],
)
def test_what_contradicts_itself_is_refused_by_name(wrong: Entry, why: str) -> None:
    with pytest.raises(ValueError, match=f"^article 'a' {why}|^article 'a' has 'b#0' {why}"):
        checked([entry("before", "word"), wrong])


def test_an_article_is_given_once_in_a_batch() -> None:
    with pytest.raises(ValueError, match="article 'a' is given twice in one batch"):
        checked([SOUND, entry("b"), SOUND])


@pytest.mark.parametrize("vector", [unit_vectors(1, 0), unit_vectors(1, 0)[0] / 2, unit_vectors(1, 0)[0].astype(float)])
def test_a_vector_that_is_none_is_refused_by_its_key(vector: np.ndarray) -> None:
    checked_vectors([Filled(7, b"", unit_vectors(1, 0)[0])])
    with pytest.raises(ValueError, match="passage 8: its vector is not a float32 one of unit length"):
        checked_vectors([Filled(7, b"", unit_vectors(1, 0)[0]), Filled(8, b"", vector)])
