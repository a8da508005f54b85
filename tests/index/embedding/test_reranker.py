"""The reranker on a tiny model with random weights."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from index.embedding.hardware import Backend
from index.embedding.reranker import PairReranker, load_reranker
from index.errors import ModelError

MakeModel = Callable[..., Path]

QUESTION = "how much rain?"
PASSAGES = ["rain", "a little rain, then snow", "", "x", "more of it " * 30]


@pytest.fixture(scope="module")
def judge(make_tiny: MakeModel) -> Path:
    return make_tiny("judge", labels=1)


@pytest.fixture(scope="module", params=["torch", "openvino"])
def backend(request: pytest.FixtureRequest) -> Backend:
    return request.param


@pytest.fixture(scope="module")
def reranker(judge: Path, backend: Backend) -> PairReranker:
    return load_reranker(str(judge), device="cpu", precision="float32", backend=backend)


def test_scores_are_raw_and_in_the_order_given(reranker: PairReranker) -> None:
    scores = reranker.scores(QUESTION, PASSAGES)
    assert scores.dtype == np.float32
    assert scores.shape == (5,)
    alone = np.concatenate([reranker.scores(QUESTION, [passage]) for passage in PASSAGES])
    assert np.abs(scores - alone).max() < 1e-4
    assert np.ptp(scores) > 0.01
    assert not ((scores > 0) & (scores < 1)).all()


def test_nothing_to_judge(reranker: PairReranker) -> None:
    assert reranker.scores(QUESTION, []).shape == (0,)


def test_half_pairs_do_no_harm(reranker: PairReranker) -> None:
    assert reranker.scores("\ud83d", ["\udc00"]) == reranker.scores("\ufffd", ["\ufffd"])


def test_name_and_hardware(reranker: PairReranker, backend: Backend) -> None:
    assert reranker.name == "judge"
    assert reranker.hardware == ("cpu", "float32", backend)


def test_backends_agree(judge: Path) -> None:
    ours, theirs = (load_reranker(str(judge), precision="float32", backend=name) for name in ("openvino", "torch"))
    assert ours.scores(QUESTION, PASSAGES) == pytest.approx(theirs.scores(QUESTION, PASSAGES), abs=1e-4)


def test_pairs_may_be_cut_off_earlier(judge: Path, backend: Backend) -> None:
    whole, short = (load_reranker(str(judge), precision="float32", backend=backend, max_tokens=n) for n in (512, 12))
    passage = "rain 1 2 3 4 5 6 7 8 9"
    assert short.scores("rain", [passage]) == pytest.approx(whole.scores("rain", [passage[:18]]), abs=1e-4)
    assert abs(short.scores("rain", [passage]) - whole.scores("rain", [passage])) > 1e-3


def test_a_long_question_leaves_half_of_the_room_to_the_passage(judge: Path, backend: Backend) -> None:
    short = load_reranker(str(judge), precision="float32", backend=backend, max_tokens=15)
    longer, cut = (short.scores("a b c d e f g h i"[:end], ["1 2 3 4 5 6 7 8 9"]) for end in (17, 11))
    assert longer == pytest.approx(cut, abs=1e-4)


def test_a_model_with_several_scores(make_tiny: MakeModel) -> None:
    with pytest.raises(ModelError, match="The model two is no cross-encoder with one score a pair"):
        load_reranker(str(make_tiny("two", labels=2)))


def test_an_embedder_is_no_reranker(make_tiny: MakeModel) -> None:
    with pytest.raises(ModelError, match="The model embedder is no cross-encoder"):
        load_reranker(str(make_tiny("embedder")))
