"""Small models of every kind that OpenVINO runs here, beside sentence-transformers and transformers themselves."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from index.embedding.embedder import load_embedder
from index.embedding.reranker import load_reranker
from index.errors import ModelError

MakeModel = Callable[..., Path]

TEXTS = ["rain", "snow and rain", "", "a longer text, of more tokens than that", "x", "Çığ düştü!", "你好 世界"]
MANY = [f"rain {number} " * (number % 9) for number in range(300)]


@pytest.fixture(autouse=True, scope="module")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PINCITE_MODELS", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.mark.parametrize("architecture", ["BertModel", "XLMRobertaModel", "BertForMaskedLM"])
@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_vectors_are_those_of_sentence_transformers(architecture: str, pooling: str, make_tiny: MakeModel) -> None:
    folder = make_tiny(f"{architecture}-{pooling}", architecture=architecture, pooling=pooling)
    ours, theirs = (load_embedder(str(folder), precision="float32", backend=name) for name in ("openvino", "torch"))
    assert ours.max_tokens == theirs.max_tokens
    assert ours.embed_passages(TEXTS) == pytest.approx(theirs.embed_passages(TEXTS), abs=1e-5)
    assert ours.embed_question("rain?") == pytest.approx(theirs.embed_question("rain?"), abs=1e-5)
    assert ours.fingerprint == theirs.fingerprint
    mine, others = (np.concatenate(one.embed_tokens("document", TEXTS)) for one in (ours, theirs))
    assert mine == pytest.approx(others, abs=1e-5)


@pytest.mark.parametrize("architecture", ["BertForSequenceClassification", "XLMRobertaForSequenceClassification"])
def test_scores_are_those_of_sentence_transformers(architecture: str, make_tiny: MakeModel) -> None:
    folder = make_tiny(architecture, architecture=architecture, labels=1)
    ours, theirs = (load_reranker(str(folder), precision="float32", backend=name) for name in ("openvino", "torch"))
    assert ours.hardware.backend == "openvino"
    assert ours.scores("how much rain?", TEXTS) == pytest.approx(theirs.scores("how much rain?", TEXTS), abs=1e-4)


def test_int8_points_the_same_way(make_tiny: MakeModel) -> None:
    folder = str(make_tiny("rounded"))
    rounded, precise = (load_embedder(folder, precision=name, backend="openvino") for name in ("int8", "float32"))
    cosines = (rounded.embed_passages(TEXTS) * precise.embed_passages(TEXTS)).sum(axis=1)
    assert 0.99 < cosines.min() < 0.9999999


def test_passages_come_back_in_order_however_they_are_grouped(make_tiny: MakeModel) -> None:
    embedder = load_embedder(str(make_tiny("many")), precision="float32", backend="openvino")
    done: list[int] = []
    vectors = embedder.embed_passages(MANY, done.append)
    assert sum(done) == 300
    for row in (0, 8, 150, 255, 256, 299):
        assert vectors[row] == pytest.approx(embedder.embed_passages([MANY[row]])[0], abs=1e-5)


def test_who_stops_listening_stops_the_work(make_tiny: MakeModel) -> None:
    embedder = load_embedder(str(make_tiny("stopped")), precision="float32", backend="openvino")

    def stop(_: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        embedder.embed_passages(MANY, stop)
    assert embedder.embed_passages(["rain"])[0] == pytest.approx(embedder.embed_passages(["rain"])[0], abs=1e-6)


def test_neither_torch_nor_transformers_is_imported(make_tiny: MakeModel, tmp_path: Path) -> None:
    script = (
        "import sys\n"
        "from index.embedding.embedder import load_embedder\n"
        "from index.embedding.reranker import load_reranker\n"
        "load_embedder(sys.argv[1], device='cpu').embed_passages(['rain'])\n"
        "load_reranker(sys.argv[2], device='cpu').scores('rain', ['rain'])\n"
        "print([name for name in ('torch', 'transformers', 'sentence_transformers') if name in sys.modules])"
    )
    models = [str(make_tiny("light")), str(make_tiny("light-judge", labels=1))]
    run = subprocess.run([sys.executable, "-c", script, *models], capture_output=True, text=True, check=True)
    assert (run.stdout, run.stderr) == ("[]\n", "")


def test_what_openvino_cannot_run_is_left_to_torch(make_tiny: MakeModel, caplog: pytest.LogCaptureFixture) -> None:
    folder = make_tiny("odd")
    (folder / "1_Pooling/config.json").write_text(json.dumps({"word_embedding_dimension": 32, "pooling_mode": "max"}))
    with caplog.at_level(logging.INFO, "index.embedding"):
        embedder = load_embedder(str(folder), device="cpu")
    assert embedder.hardware.backend == "torch"
    assert embedder.hardware.precision in {"bfloat16", "float32"}
    assert [record.getMessage() for record in caplog.records if record.name.startswith("index")] == [
        "The model odd runs with torch and not with OpenVINO: its pooling is neither the mean of all tokens nor the "
        "first one."
    ]
    assert load_embedder(str(folder), device="cpu", precision="int8").hardware.backend == "torch"
    with pytest.raises(ModelError, match=r"OpenVINO cannot run the model odd here: its pooling .+ PINCITE_BACKEND"):
        load_embedder(str(folder), device="cpu", backend="openvino")


def test_a_long_text_takes_no_part_in_its_neighbours(make_tiny: MakeModel) -> None:
    judge = load_reranker(str(make_tiny("neighbours", labels=1)), precision="float32", backend="openvino")
    scores = judge.scores("rain", ["x", "x " * 30, "x"])
    assert scores[0] == pytest.approx(scores[2], abs=1e-5)
    assert scores[1] == pytest.approx(judge.scores("rain", ["x " * 30])[0], abs=1e-4)


def test_half_of_the_texts_may_be_empty(make_tiny: MakeModel) -> None:
    vectors = load_embedder(str(make_tiny("empty")), backend="openvino").embed_passages(["", "rain", ""])
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(3), abs=1e-6)
