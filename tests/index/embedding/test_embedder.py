"""The embedder on a tiny model with random weights: everything but the quality of the vectors."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import Whitespace

from index.embedding.contract import Embedder, Span
from index.embedding.embedder import Backend, SentenceEmbedder, load_embedder
from index.embedding.fetching import sha256_of
from index.embedding.offline import go_offline
from index.errors import InvalidSetting, ModelError, ModelUnknown

MakeModel = Callable[..., Path]

PROMPTS = {"query": "query: ", "document": "passage: "}
TEXTS = ["rain", "snow and rain", "", "a longer text, of more tokens than that", "x", "Çığ düştü!", "你好 世界"]


@pytest.fixture(autouse=True, scope="module")
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PINCITE_MODELS", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def plain(make_tiny: MakeModel) -> Path:
    return make_tiny("plain")


@pytest.fixture(scope="module")
def prompted(make_tiny: MakeModel) -> Path:
    return make_tiny("prompted", PROMPTS)


@pytest.fixture(scope="module", params=["torch", "openvino"])
def backend(request: pytest.FixtureRequest) -> Backend:
    return request.param


@pytest.fixture(scope="module")
def embedder(plain: Path, backend: Backend) -> SentenceEmbedder:
    return load_embedder(str(plain), device="cpu", precision="float32", backend=backend)


def test_vectors_are_unit_float32_in_the_order_given(embedder: Embedder) -> None:
    vectors = embedder.embed_passages(TEXTS)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(TEXTS), 32)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(TEXTS)), abs=1e-6)
    alone = np.stack([embedder.embed_passages([text])[0] for text in TEXTS])
    assert np.abs(vectors - alone).max() < 1e-5
    backwards = embedder.embed_passages(TEXTS[::-1])[::-1]
    assert np.abs(vectors - backwards).max() < 1e-5
    assert np.abs(vectors[0] - vectors[1]).max() > 0.01


def test_nothing_to_embed(embedder: Embedder) -> None:
    vectors = embedder.embed_passages([])
    assert vectors.shape == (0, 32)
    assert vectors.dtype == np.float32


def test_more_than_one_batch(embedder: Embedder) -> None:
    texts = [f"rain {number} " * (number % 7) for number in range(400)]
    done: list[int] = []
    vectors = embedder.embed_passages(texts, done.append)
    assert sum(done) == 400
    assert len(done) > 1
    for row in (0, 1, 6, 399):
        assert np.abs(vectors[row] - embedder.embed_passages([texts[row]])[0]).max() < 1e-5


def test_a_question_may_be_asked_while_passages_are_embedded(embedder: Embedder) -> None:
    asked: list[np.ndarray] = []
    embedder.embed_passages(TEXTS, lambda _: asked.append(embedder.embed_question("rain")))
    assert np.array_equal(asked[0], embedder.embed_question("rain"))


def test_the_models_own_prompts_are_put_before_the_text(plain: Path, prompted: Path, backend: Backend) -> None:
    bare, own = (load_embedder(str(path), precision="float32", backend=backend) for path in (plain, prompted))
    assert np.array_equal(own.embed_question("rain"), bare.embed_question("query: rain"))
    assert np.array_equal(own.embed_passages(["rain"])[0], bare.embed_question("passage: rain"))
    assert own.fingerprint["prompts"] == PROMPTS
    assert bare.fingerprint["prompts"] == {"query": "", "document": ""}


def test_tokens_have_vectors_in_their_context_without_those_of_prompts(
    plain: Path, prompted: Path, backend: Backend
) -> None:
    bare, own = (load_embedder(str(path), precision="float32", backend=backend) for path in (plain, prompted))
    (asked,), told = own.embed_tokens("query", ["rain and snow"]), own.embed_tokens("document", TEXTS)
    assert [len(tokens) for tokens in told] == [min(20, len(own.tokens(text))) for text in TEXTS]
    assert np.linalg.norm(np.concatenate([asked, *told]), axis=1) == pytest.approx(1, abs=1e-6)
    whole_asked, whole_told = bare.embed_tokens("document", ["query: rain and snow", "passage: snow and rain"])
    assert asked == pytest.approx(whole_asked[2:], abs=1e-5)  # "query", ":"
    assert told[1] == pytest.approx(whole_told[2:], abs=1e-5)
    assert np.abs(told[1][-1] - told[0][0]).max() > 0.01  # "rain" after other words, and alone


def test_tokens_beyond_what_the_model_reads_have_none(prompted: Path, backend: Backend) -> None:
    embedder = load_embedder(str(prompted), precision="float32", backend=backend)
    told = embedder.embed_tokens("document", ["x " * 30, "x " * 3])
    assert [len(tokens) for tokens in told] == [20, 3]
    assert embedder.embed_tokens("document", []) == []


def test_max_tokens_are_what_the_model_reads_of_a_passage(plain: Path, prompted: Path, backend: Backend) -> None:
    bare, own = (load_embedder(str(path), precision="float32", backend=backend) for path in (plain, prompted))
    assert (bare.max_tokens, own.max_tokens) == (22, 20)  # of 24: two special tokens, and "passage", ":"
    whole, longer, shorter = ("x " * count for count in (20, 30, 19))
    assert len(own.tokens(whole)) == own.max_tokens
    vectors = own.embed_passages([whole, longer, shorter])
    assert np.abs(vectors[0] - vectors[1]).max() < 1e-5
    assert np.abs(vectors[0] - vectors[2]).max() > 1e-4


def test_prompts_under_their_older_names(plain: Path, make_tiny: MakeModel, backend: Backend) -> None:
    older = load_embedder(str(make_tiny("older", {"passage": "passage: "})), precision="float32", backend=backend)
    bare = load_embedder(str(plain), precision="float32", backend=backend)
    assert older.fingerprint["prompts"] == {"query": "", "document": "passage: "}
    assert np.array_equal(older.embed_passages(["rain"])[0], bare.embed_question("passage: rain"))


def test_a_model_of_another_kind(tmp_path: Path) -> None:
    go_offline()
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - after the switch, like everywhere
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding  # noqa: PLC0415

    words = Tokenizer(WordLevel({"?": 0, "rain": 1, "snow": 2}, unk_token="?"))
    words.pre_tokenizer = Whitespace()
    table = np.array([[0, 0], [0.6, 0.8], [1, 0]], np.float32)
    static = StaticEmbedding(words, embedding_weights=table)
    SentenceTransformer(modules=[static], device="cpu").save_pretrained(str(tmp_path / "static"))
    embedder = load_embedder(str(tmp_path / "static"), precision="float32")
    assert embedder.embed_question("rain") == pytest.approx([0.6, 0.8], abs=1e-6)
    assert embedder.embed_passages(["snow", "rain rain"]) == pytest.approx(np.array([[1, 0], [0.6, 0.8]]), abs=1e-6)
    told = embedder.embed_tokens("document", ["snow snow", "rain"])  # it has vectors of whole texts only
    assert np.concatenate(told) == pytest.approx(np.array([[1, 0], [0.6, 0.8]]), abs=1e-6)
    assert embedder.embed_question("hail") == pytest.approx([0.5**0.5, 0.5**0.5])  # no word of it is known
    assert (embedder.dimensions, embedder.max_tokens) == (2, 8192)
    assert embedder.tokens("rain, snow") == [Span(0, 4), Span(4, 5), Span(6, 10)]


def test_tokens_are_never_cut_off_and_do_not_depend_on_what_went_before(embedder: Embedder) -> None:
    text = "rain, abc " * 50
    before = embedder.tokens(text)
    embedder.embed_passages(TEXTS)
    assert embedder.tokens(text) == before
    assert before[:5] == [Span(0, 4), Span(4, 5), Span(6, 7), Span(7, 8), Span(8, 9)]
    assert (len(before), before[-1]) == (250, Span(498, 499))


def test_half_pairs_do_not_move_what_follows(embedder: Embedder) -> None:
    assert embedder.tokens("a \ud83d b") == [Span(0, 1), Span(4, 5)]
    assert np.array_equal(embedder.embed_question("\ud83d"), embedder.embed_question("\ufffd"))
    assert np.array_equal(embedder.embed_passages(["\ud83d"]), embedder.embed_passages(["\ufffd"]))


def test_fingerprint_is_the_same_with_every_backend(plain: Path, tmp_path: Path, backend: Backend) -> None:
    moved = tmp_path / "elsewhere" / "plain"
    shutil.copytree(plain, moved)
    expected = {
        "name": "plain",
        "weights": {"model.safetensors": sha256_of(plain / "model.safetensors")},
        "dimensions": 32,
        "prompts": {"query": "", "document": ""},
    }
    assert load_embedder(str(plain)).fingerprint == expected
    half = load_embedder(str(moved), precision="bfloat16", backend=backend)
    assert half.fingerprint == expected
    assert json.loads(json.dumps(half.fingerprint)) == expected


def test_bfloat16_points_the_same_way(plain: Path, embedder: Embedder, backend: Backend) -> None:
    half = load_embedder(str(plain), device="cpu", precision="bfloat16", backend=backend)
    assert half.hardware == ("cpu", "bfloat16", backend)
    vectors = half.embed_passages(TEXTS)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(np.ones(len(TEXTS)), abs=1e-6)
    assert (vectors * embedder.embed_passages(TEXTS)).sum(axis=1).min() > 0.998


def test_many_threads_get_what_one_gets(embedder: Embedder) -> None:
    texts = [f"rain {number} and " * (1 + number % 5) for number in range(60)]
    questions = [embedder.embed_question(text) for text in texts]
    passages = embedder.embed_passages(texts)
    tokens = [embedder.tokens(text * 9) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(embedder.embed_question, text) for text in texts]
        indexed = [pool.submit(embedder.embed_passages, texts) for _ in range(4)]
        counted = [pool.submit(embedder.tokens, text * 9) for text in texts]
        assert [future.result() for future in counted] == tokens
        assert max(np.abs(future.result() - one).max() for future, one in zip(asked, questions, strict=True)) < 1e-5
        assert max(np.abs(future.result() - passages).max() for future in indexed) < 1e-5


def test_loading_says_nothing(plain: Path, backend: Backend, capfd: pytest.CaptureFixture[str]) -> None:
    load_embedder(str(plain), backend=backend).embed_passages(TEXTS)
    assert capfd.readouterr() == ("", "")


def test_weights_that_are_no_numbers(make_tiny: MakeModel, backend: Backend) -> None:
    broken = make_tiny("broken")
    weights = load_file(broken / "model.safetensors")
    save_file({name: np.full_like(tensor, np.nan) for name, tensor in weights.items()}, broken / "model.safetensors")
    with pytest.raises(ModelError, match="The model broken gave a vector that is no numbers"):
        load_embedder(str(broken), backend=backend)


def test_a_folder_that_holds_no_weights(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="holds no weights in safetensors"):
        load_embedder(str(tmp_path))


def test_a_folder_that_holds_no_model(plain: Path, tmp_path: Path) -> None:
    folder = tmp_path / "odd"
    shutil.copytree(plain, folder)
    (folder / "config.json").write_text("{}")
    with pytest.raises(ModelError, match=r"The model odd cannot be loaded: .+") as caught:
        load_embedder(str(folder))
    assert caught.value.detail == {"model": "odd"}


def test_a_model_that_is_nowhere() -> None:
    with pytest.raises(ModelUnknown, match="There is no model 'nothing'"):
        load_embedder("nothing")


def test_a_setting_that_means_nothing(plain: Path) -> None:
    with pytest.raises(InvalidSetting, match="precision is 'float16'"):
        load_embedder(str(plain), precision="float16")  # type: ignore[arg-type]
