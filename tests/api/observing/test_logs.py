"""Logs: one line a record, the request's id in each, and nothing in them that somebody sent."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.app import create_app
from api.keys import KeyRing
from api.observing.logs import REQUEST_ID, JsonLines, Lines, configured, request_id
from api.service import Service
from tests.api.conftest import BRIDGE

SECRET = "the walrus sings at midnight"


class Kept(logging.Handler):
    """Keeps what it would print, in both styles."""

    def __init__(self) -> None:
        super().__init__()
        self.json: list[str] = []
        self.text: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a record, but for those of the test's own client."""
        if record.name.startswith("http"):
            return
        self.json.append(JsonLines().format(record))
        self.text.append(Lines().format(record))

    def all(self) -> str:
        """Everything in one text."""
        return "\n".join([*self.json, *self.text])


@pytest.fixture
def kept() -> Iterator[Kept]:
    kept, root = Kept(), logging.getLogger()
    before = root.level
    root.addHandler(kept)
    root.setLevel(logging.DEBUG)
    yield kept
    root.removeHandler(kept)
    root.setLevel(before)


def requests(kept: Kept) -> list[dict[str, object]]:
    return [found for line in kept.json if (found := json.loads(line))["logger"] == "pincite.requests"]


def test_a_request_is_one_record_with_its_route_and_not_its_address(full: TestClient, kept: Kept) -> None:
    reply = full.get("/v1/search?q=harbour+bridge", headers={"X-Request-ID": "abc-1"})
    assert reply.headers["x-request-id"] == "abc-1"
    (told,) = requests(kept)
    assert (told["request_id"], told["method"], told["route"], told["status"]) == ("abc-1", "GET", "/v1/search", 200)
    assert isinstance(told["milliseconds"], float)
    assert "harbour" not in kept.all()


@pytest.mark.parametrize("given", [None, "", "a b", "x" * 65, 'a"\n', "é"])
def test_an_id_that_cannot_be_logged_is_replaced(given: str | None) -> None:
    made = request_id(given)
    assert made != given
    assert len(made) == 16
    assert made != request_id(given)


def test_every_reply_has_an_id_also_those_that_never_reach_a_route(client: TestClient) -> None:
    for reply in (
        client.get("/healthz"),
        client.get("/nowhere"),
        client.get("/v1/status", headers={"Host": "evil.example"}),
        client.post("/v1/search", content=b"x" * 2_000_000),
    ):
        assert len(reply.headers["x-request-id"]) == 16


def test_health_is_not_logged_while_all_is_well(client: TestClient, kept: Kept) -> None:
    client.get("/healthz")
    assert requests(kept) == []


def test_no_key_question_or_text_is_ever_logged(service: Service, tmp_path: Path, kept: Kept) -> None:
    ring = KeyRing(tmp_path / "ring.json")
    key, secret = ring.create("desk", ["admin"], ["*"])
    with TestClient(create_app(service, keys=ring), raise_server_exceptions=False) as client:
        headers = {"Authorization": f"Bearer {secret}"}
        client.post("/v1/articles", json=BRIDGE | {"text": SECRET}, headers=headers)
        client.post("/v1/articles", json=BRIDGE | {"text": SECRET, "published": SECRET}, headers=headers)
        client.get(f"/v1/search?q={SECRET}", headers=headers)
        client.post("/v1/search", json={"query": SECRET, SECRET: 1}, headers=headers)
        client.get("/v1/status", headers={"X-API-Key": f"{secret}x"})
    assert {told["key_id"] for told in requests(kept)} == {key.id, ""}
    assert len(requests(kept)) == 5
    for hidden in (SECRET, "walrus", secret, secret.rpartition("_")[2]):
        assert hidden not in kept.all()


def test_an_error_is_told_by_kind_and_place_without_its_message(kept: Kept) -> None:
    def fails() -> None:
        try:
            {}[SECRET]
        except KeyError as error:
            raise ValueError(SECRET) from error

    try:
        fails()
    except ValueError:
        logging.getLogger("pincite").exception("this failed")
    told = json.loads(kept.json[-1])
    assert [line for line in told["error"] if " " not in line] == ["KeyError", "ValueError"]
    assert f"{__file__}:" in told["error"][1]
    assert kept.text[-1].splitlines()[0].endswith("this failed")
    assert SECRET not in kept.all()


def test_an_unforeseen_error_gives_the_id_that_its_record_has(service: Service, kept: Kept) -> None:
    app = create_app(service)

    @app.get("/broken")
    def broken() -> None:
        raise LookupError(SECRET)

    reply = TestClient(app, raise_server_exceptions=False).get("/broken")
    assert (reply.status_code, reply.json()["error"]["code"]) == (500, "internal")
    errors = [json.loads(line) for line in kept.json if "LookupError" in line]
    assert {one["request_id"] for one in errors} == {reply.headers["x-request-id"]}
    assert SECRET not in kept.all()


def test_lines_for_people_and_for_machines() -> None:
    record = logging.makeLogRecord({"name": "pincite", "levelname": "INFO", "msg": "%d done", "args": (3,), "n": 3})
    before = REQUEST_ID.set("abc")
    assert Lines().format(record).endswith(" info    3 done [abc]")
    told = json.loads(JsonLines().format(record))
    REQUEST_ID.reset(before)
    assert {key: told[key] for key in ("level", "logger", "message", "request_id", "n")} == {
        "level": "info",
        "logger": "pincite",
        "message": "3 done",
        "request_id": "abc",
        "n": 3,
    }


def test_all_goes_to_standard_error_and_uvicorns_own_log_of_addresses_is_off() -> None:
    found = configured("json")
    assert found["handlers"]["standard error"] == {"class": "logging.StreamHandler", "formatter": "lines"}
    assert logging.StreamHandler().stream is sys.stderr
    assert found["loggers"]["uvicorn.access"]["level"] == "WARNING"
