"""The whole interface, fuzzed by what its own OpenAPI page says: no server error, nothing undocumented.

`make fuzz` draws thousands of requests, `make test` some for each operation. Keys are in force, so that requests
without one are tried too.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, assume, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.generation import GenerationMode
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import negative_data_rejection
from schemathesis.specs.openapi.schemas import OpenApiSchema

from api.app import create_app
from api.collections import Collections
from api.connections import LARGEST_HEAD
from api.keys import KeyRing
from api.service import Service
from api.settings import Settings
from api.shelf import Shelf
from index.embedding.hashing import HashingEmbedder
from index.library.opening import open_library
from tests.api.serving import serving
from tests.search.test_pipeline import WordReranker

MANY = 50
"""From so many on, requests that the page does not allow are made too: inventing such articles takes minutes."""

EXAMPLES = int(os.environ.get("PINCITE_FUZZ", "8"))
MODES = [GenerationMode.POSITIVE, *([GenerationMode.NEGATIVE] if EXAMPLES >= MANY else [])]
FITTING = ["2xx", "404", "409", "422"]
"""What may be answered to a request that fits the page: it cannot say what an operator in a question means, or which
cursors, citations and articles there are."""

UNFITTING = ["4xx"]
"""What must be answered to one that does not; a large one is refused for that, with 413."""

LEFT_OUT = {label: [negative_data_rejection] for label in ("POST /v1/articles", "POST /v1/articles/upload")}
"""Checks that an operation cannot meet: among several articles each is refused by itself (200, with its error), and
whatever stands in a part of a form is a file."""

EMBEDDER = HashingEmbedder()


def opened(folder: Path) -> Service:
    return Service(open_library(folder, create=True), lambda: EMBEDDER, lambda: WordReranker("sea"))


@pytest.fixture(scope="module")
def headers(ring: KeyRing) -> dict[str, str]:
    return {"Authorization": f"Bearer {ring.create('fuzzer', ['admin'], ['*'])[1]}"}


@pytest.fixture(scope="module")
def ring(tmp_path_factory: pytest.TempPathFactory) -> KeyRing:
    return KeyRing(tmp_path_factory.mktemp("keys") / "keys.json")


@pytest.fixture(scope="module")
def interface(ring: KeyRing, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OpenApiSchema]:
    folder = tmp_path_factory.mktemp("fuzzed")
    collections = Collections(opened(folder / "library"), Shelf(folder / "shelf"), opened)
    import_module("api.chat.mcp.server")  # else the server imports it in a thread while hypothesis watches imports
    # Over a real port: in-process, schemathesis starts and ends the application around each request.
    with serving(create_app(collections, Settings(max_body_mb=1), ring)) as address:
        found = schemathesis.openapi.from_url(f"{address}/openapi.json")
        found.config.checks.positive_data_acceptance.expected_statuses = FITTING
        found.config.checks.negative_data_rejection.expected_statuses = UNFITTING
        yield found


@pytest.mark.parametrize("mode", MODES)
def test_nothing_fails_and_nothing_is_undocumented(
    interface: OpenApiSchema, headers: dict[str, str], mode: GenerationMode
) -> None:
    tried = {one.ok().label: fuzzed(one.ok(), mode, headers) for one in interface.get_all_operations()}
    assert len(tried) >= 16
    if mode is GenerationMode.POSITIVE:
        assert min(tried.values()) >= 1


def fuzzed(operation: APIOperation, mode: GenerationMode, headers: dict[str, str]) -> int:
    """Ask what the page allows, or what it does not; returns how often."""
    asked = 0

    @given(operation.as_strategy(generation_mode=mode))
    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    def asking(case: schemathesis.Case) -> None:
        nonlocal asked
        asked += 1
        # A larger head is refused before it comes to the interface, which `test_strangers` looks at.
        assume(case.method != "GET" or len(case.as_curl_command()) < LARGEST_HEAD)
        case.call_and_validate(headers=headers, excluded_checks=LEFT_OUT.get(operation.label, []))

    with suppress(Unsatisfiable):  # there is nothing to get wrong where nothing can be sent
        asking()
    return asked
