"""What docs/operate.md tells an operator to watch and to count on is what the server has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from prometheus_client.parser import text_string_to_metric_families

from api import connections, payload
from api.app import create_app
from api.middleware.admission import LARGEST_QUESTION
from api.settings import Settings
from api.wire.questions import MOST_FILTER_VALUES
from search.query import LONGEST_QUESTION, MOST_HITS
from tests.api.chat.serving import filled

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "operate.md").read_text()


def test_metrics_that_are_to_be_watched_exist(tmp_path: Path) -> None:
    with TestClient(create_app(filled(tmp_path / "library"))) as client:
        assert client.get("/v1/search?q=bridge").status_code == 200
        families = list(text_string_to_metric_families(client.get("/metrics").text))
    known = {name for family in families for name in (family.name, *(sample.name for sample in family.samples))}
    named = set(re.findall(r"pincite_\w+", PAGE))
    assert len(named) >= 11
    assert named <= known


DEFAULTS = Settings()
LIMITS = {
    "of a question |": f"`PINCITE_MAX_BODY_MB`; {LARGEST_QUESTION // 2**20} MiB",
    "articles in a request;": f"{payload.MOST_ARTICLES:,}; `PINCITE_MAX_UPLOAD_FILES`",
    "a question's length;": f"{LONGEST_QUESTION:,} characters; {MOST_FILTER_VALUES:,}; {MOST_HITS}",
    "depth of JSON": f"{payload.DEEPEST} levels",
    "a request's head;": f"{connections.LARGEST_HEAD // 2**10} KiB; not at all",
    "connections |": f"{connections.MOST:,}, or the files that the process may open less {connections.FILES};",
    "until a request's head": f"{connections.HEAD_SECONDS} s, then 408; {connections.STALLED_SECONDS} s,",
}


@pytest.mark.parametrize(("limit", "value"), LIMITS.items(), ids=LIMITS.keys())
def test_limits_are_those_of_the_program(limit: str, value: str) -> None:
    (row,) = [line for line in PAGE.splitlines() if line.startswith("| ") and limit in line]
    assert value in row


def test_places_before_a_server_of_two_cores_are_told_right() -> None:
    places = DEFAULTS.queue + 2 * 2  # PINCITE_SEARCHES is twice the cores
    assert f"With {places} places at 4 searches a second, that is {places // 4} s" in PAGE.replace("\n", " ")
