"""The deterministic embedder keeps the contract and brings texts that share words together."""

from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.embedding.contract import Embedder, Span
from index.embedding.hashing import HashingEmbedder


def test_known_vector() -> None:
    # blake2b("rain", 32 bytes) as four little-endian integers modulo 8 is 7, 1, 3, 6.
    assert HashingEmbedder(8).embed_question("Rain").tolist() == [0, 0.5, 0, 0.5, 0, 0, 0.5, 0.5]


def test_two_processes_agree() -> None:
    script = "from index.embedding.hashing import HashingEmbedder as E; print(E(16).embed_question('a b c').tolist())"
    seeds = [{**os.environ, "PYTHONHASHSEED": seed} for seed in ("1", "2")]
    runs = [subprocess.run([sys.executable, "-c", script], env=env, capture_output=True, check=True) for env in seeds]
    assert runs[0].stdout == runs[1].stdout == f"{HashingEmbedder(16).embed_question('a b c').tolist()}\n".encode()


def test_shared_words_bring_texts_together() -> None:
    embedder = HashingEmbedder()
    near, far = embedder.embed_passages(["Two percent of GDP is not enough.", "The cat slept in the sun."])
    question = embedder.embed_question("Is two percent enough?")
    assert question @ near > 0.5 > 0.2 > question @ far


def test_each_token_has_a_vector_of_its_own() -> None:
    embedder = HashingEmbedder(max_tokens=3)
    ((asked,),) = embedder.embed_tokens("query", ["snow"])
    told, nothing = embedder.embed_tokens("document", ["Snow, rain and wind", ""])
    assert told.shape == (3, 256)
    assert nothing.shape == (0, 256)
    assert np.array_equal(asked, told[0])
    assert np.array_equal(told[2], embedder.embed_question("rain"))


def test_tokens_are_words_and_marks() -> None:
    assert HashingEmbedder().tokens("Ağrı, 2 %!") == [Span(0, 4), Span(4, 5), Span(6, 7), Span(8, 9), Span(9, 10)]


def test_reads_no_further_than_its_limit() -> None:
    short = HashingEmbedder(max_tokens=2)
    assert np.array_equal(short.embed_question("one two three"), short.embed_question("one two"))
    assert short.max_tokens == 2


def test_fingerprint_tells_embedders_apart() -> None:
    fingerprint = {"name": "other", "weights": {}, "dimensions": 8, "prompts": {}}
    embedder = HashingEmbedder(8, name="other")
    assert embedder.fingerprint == fingerprint
    assert (embedder.name, embedder.dimensions) == ("other", 8)


def test_progress_counts_every_text() -> None:
    done: list[int] = []
    HashingEmbedder().embed_passages(["a", "b", "c"], done.append)
    assert sum(done) == 3


def test_nothing_to_embed() -> None:
    assert HashingEmbedder(7).embed_passages([]).shape == (0, 7)


@given(st.lists(st.text(), max_size=5), st.integers(1, 64))
def test_any_text_has_a_unit_vector_in_its_row(texts: list[str], dimensions: int) -> None:
    embedder: Embedder = HashingEmbedder(dimensions)
    vectors = embedder.embed_passages(texts)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(texts), dimensions)
    for text, vector in zip(texts, vectors, strict=True):
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-6)
        assert np.array_equal(vector, embedder.embed_question(text))
