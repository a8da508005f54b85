"""The real models, out of the cache: what they are, what they find, and what other libraries and precisions cost."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from index.embedding.catalogue import CATALOGUE, DEFAULT_EMBEDDER, DEFAULT_RERANKER, SMALL_EMBEDDER
from index.embedding.embedder import SentenceEmbedder, load_embedder
from index.embedding.fetching import sha256_of
from index.embedding.hardware import Backend, Precision
from index.embedding.reranker import PairReranker, load_reranker
from index.errors import ModelError

pytestmark = pytest.mark.model

PASSAGES = [
    "Ankara became the capital of Turkey in 1923.",
    "The ferry to the islands runs every hour in summer.",
    "Inflation fell to three percent in the euro area.",
    "A new bridge over the river will open in May.",
]
QUESTIONS = {
    "Which city is the capital of Turkey?": 0,
    "Türkiye'nin başkenti neresidir?": 0,
    "Wie oft fährt im Sommer die Fähre zu den Inseln?": 1,
    "欧元区的通货膨胀率是多少？": 2,
    "¿Cuándo se abre el nuevo puente?": 3,
}
MANY = [
    *PASSAGES,
    *QUESTIONS,
    "Kar yağışı nedeniyle köy yolları iki gün boyunca ulaşıma kapandı; ekipler gece boyunca çalıştı.",
    "今天下午，市政府宣布将在河边修建一座新的图书馆，预计三年后完工。",
    "Der Gemeinderat hat den Haushalt mit knapper Mehrheit beschlossen. " * 12,
    "cafe\u0301 👨\u200d👩\u200d👧 ½ ﬁne — “quoted” …",
    "x",
]

OTHERS = [("torch", "bfloat16"), ("openvino", "float32"), ("openvino", "bfloat16"), ("openvino", "int8")]


@pytest.fixture(scope="module")
def default(models: Path) -> SentenceEmbedder:
    assert models.is_dir()
    return load_embedder(DEFAULT_EMBEDDER, device="cpu", precision="float32", backend="torch")


@pytest.fixture(scope="module")
def small(models: Path) -> SentenceEmbedder:
    assert models.is_dir()
    return load_embedder(SMALL_EMBEDDER, device="cpu", precision="float32", backend="torch")


@pytest.fixture(scope="module")
def reranker(models: Path) -> PairReranker:
    assert models.is_dir()
    return load_reranker(DEFAULT_RERANKER, device="cpu", precision="float32", backend="torch")


@pytest.mark.parametrize("name", [DEFAULT_EMBEDDER, DEFAULT_RERANKER, SMALL_EMBEDDER])
def test_what_is_in_the_cache_is_what_is_pinned(name: str, models: Path) -> None:
    assert sha256_of(models / name / "model.safetensors") == CATALOGUE[name].weights_sha256
    assert sha256_of(models / name / "tokenizer.json") == CATALOGUE[name].tokenizer_sha256


def test_the_default_embedder(default: SentenceEmbedder) -> None:
    assert (default.dimensions, default.max_tokens) == (384, 508)
    assert default.fingerprint == {
        "name": "multilingual-e5-small",
        "weights": {"model.safetensors": CATALOGUE[DEFAULT_EMBEDDER].weights_sha256},
        "dimensions": 384,
        "prompts": {"query": "query: ", "document": "passage: "},
    }


def test_the_small_embedder(small: SentenceEmbedder) -> None:
    assert (small.dimensions, small.max_tokens) == (384, 254)
    assert small.fingerprint["prompts"] == {"query": "", "document": ""}


def test_the_default_embedder_finds_the_answer_in_any_language(default: SentenceEmbedder) -> None:
    vectors = default.embed_passages(PASSAGES)
    assert {text: int(np.argmax(vectors @ default.embed_question(text))) for text in QUESTIONS} == QUESTIONS


@pytest.mark.parametrize(
    ("name", "expected"),
    [("default", [0.8398, 0.7048, 0.7186, 0.7097]), ("small", [0.7000, -0.0284, 0.1385, 0.0522])],
)
def test_cosines_are_the_known_ones(name: str, expected: list[float], request: pytest.FixtureRequest) -> None:
    embedder = request.getfixturevalue(name)
    cosines = embedder.embed_passages(PASSAGES) @ embedder.embed_question("Which city is the capital of Turkey?")
    assert cosines == pytest.approx(expected, abs=0.001)


@pytest.mark.parametrize(("backend", "precision"), OTHERS)
@pytest.mark.parametrize(("name", "rounded"), [("default", 0.999), ("small", 0.99)])
def test_other_hardware_costs_little(
    name: str, rounded: float, backend: Backend, precision: Precision, request: pytest.FixtureRequest
) -> None:
    least = {"float32": 0.99999, "bfloat16": 0.9998, "int8": rounded}[precision]
    exact = request.getfixturevalue(name)
    other = load_embedder(exact.name, device="cpu", precision=precision, backend=backend)
    vectors = other.embed_passages(MANY)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(MANY)), abs=1e-6)
    assert (vectors * exact.embed_passages(MANY)).sum(axis=1).min() > least
    assert min(float(other.embed_question(text) @ exact.embed_question(text)) for text in QUESTIONS) > least
    assert other.fingerprint == exact.fingerprint
    assert other.max_tokens == exact.max_tokens


def _words(embedder: SentenceEmbedder, text: str) -> list[str]:
    return [text[start:end] for start, end in embedder.tokens(text)]


def test_tokens_stand_where_they_should(default: SentenceEmbedder) -> None:
    assert _words(default, "Ağrı Dağı'nın eteğinde.") == [
        *("Ağrı", "D", "ağı", "'", "nın", "et", "e", "ğin", "de", "."),
    ]
    assert _words(default, " Hello  world,\n\nit rains ") == ["Hello", "world", ",", "it", "rain", "s"]
    assert _words(default, "今天 天气很好。") == ["今天", "天", "气", "很好", "。"]  # a mark takes a part of 天气
    assert _words(default, "a 👨\u200d👩\u200d👧 b") == ["a", "👨", "", "👩", "", "👧", "", "b"]
    assert _words(default, "cafe\u0301 e\u0300") == [
        "cafe",
        "e",
    ]  # the accents are part of them, but not of their place
    assert _words(default, "½ ﬁne ﷺ") == ["½", "ﬁne", "ﷺ", "", "", ""]
    assert [_words(default, text) for text in ("", " \n\u2028", "\u0301")] == [[], [], ["\u0301"]]


@pytest.mark.parametrize("name", ["default", "small"])
def test_spans_are_in_order_for_every_text(name: str, request: pytest.FixtureRequest) -> None:
    embedder = request.getfixturevalue(name)
    odd = ["\x00", "\ufeff", "\u200b\u00ad", "\U0010ffff", "\u0301" * 9, "\ufffd", "ا\u064b", "<s> </s> [CLS] [SEP]"]
    for text in [*MANY, *odd, " ".join(MANY) * 5]:
        reached = 0
        for start, end in embedder.tokens(text):
            assert reached <= start <= end <= len(text)
            reached = end


def test_a_passage_of_max_tokens_is_read_to_its_end(default: SentenceEmbedder) -> None:
    whole = "rain " * default.max_tokens
    assert len(default.tokens(whole)) == default.max_tokens
    vectors = default.embed_passages([whole, whole + "snow " * 50, whole[:-5] + "snow"])
    assert vectors[0] @ vectors[1] == pytest.approx(1, abs=1e-6)
    assert vectors[0] @ vectors[2] < 1 - 1e-5


def test_threads_get_what_one_gets(default: SentenceEmbedder) -> None:
    expected = [default.embed_question(text) for text in QUESTIONS]
    with ThreadPoolExecutor(4) as pool:
        indexing = pool.submit(default.embed_passages, MANY)
        asked = list(pool.map(default.embed_question, list(QUESTIONS) * 3))
    assert (indexing.result() * default.embed_passages(MANY)).sum(axis=1) == pytest.approx(np.ones(len(MANY)), abs=1e-5)
    assert all(one @ other > 1 - 1e-5 for one, other in zip(asked, expected * 3, strict=True))


def test_the_reranker_tells_the_answer_from_the_rest(reranker: PairReranker) -> None:
    scores = reranker.scores("Which city is the capital of Turkey?", PASSAGES)
    assert scores == pytest.approx([8.208, -11.190, -11.013, -11.213], abs=0.01)
    backwards = reranker.scores("Which city is the capital of Turkey?", PASSAGES[::-1])
    assert backwards[::-1] == pytest.approx(scores, abs=0.001)


@pytest.mark.parametrize(("backend", "precision"), OTHERS)
def test_the_reranker_on_other_hardware(reranker: PairReranker, backend: Backend, precision: Precision) -> None:
    other = load_reranker(DEFAULT_RERANKER, device="cpu", precision=precision, backend=backend)
    question = "When does the ferry run?"
    passages = [*PASSAGES, "The ferry does not run in winter.", "Ferries are ships.", "She runs every hour. " * 40]
    found, expected = other.scores(question, passages), reranker.scores(question, passages)
    assert np.corrcoef(found, expected)[0, 1] > 0.999
    assert np.abs(found - expected).max() < (0.001 if precision == "float32" else 0.5)


def test_openvino_is_the_default_on_processors(models: Path) -> None:
    assert models.is_dir()
    default, small = (load_embedder(name, device="cpu").hardware for name in (DEFAULT_EMBEDDER, SMALL_EMBEDDER))
    assert default == load_reranker(DEFAULT_RERANKER, device="cpu").hardware
    assert (default.backend, small.backend) == ("openvino", "openvino")
    assert small.precision != "int8"  # its weights were never in 8 bits


def test_a_model_is_not_loaded_for_another_task(models: Path) -> None:
    assert models.is_dir()
    with pytest.raises(ModelError, match="ms-marco-MiniLM-L12-v2 is a reranker and no embedder"):
        load_embedder(DEFAULT_RERANKER)
    with pytest.raises(ModelError, match="all-MiniLM-L6-v2 is an embedder and no reranker"):
        load_reranker(SMALL_EMBEDDER)
