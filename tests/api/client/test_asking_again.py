"""What a busy, a broken and a foreign server's replies come to. The far end is scripted; nothing of ours is."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import httpx
import pytest

from api.client import AsyncPincite, Pincite, replies
from api.client.replies import wait_before_asking_again
from index.errors import LibraryBusy, LibraryMissing, PinciteError, ServerError, Unreadable

STATUS = {"articles": 3, "passages": 4, "generation": 1, "model": None, "derived": {}, "languages": {}, "newer": 1}


def error(status: int, code: str, headers: dict[str, str] | None = None) -> httpx.Response:
    body = {"error": {"code": code, "message": f"it is {code}", "detail": {"field": "x"}}}
    return httpx.Response(status, json=body, headers=headers or {})


class Scripted:
    """Answers with these replies, one after the other, the last one for ever; keeps the requests."""

    def __init__(self, *answers: httpx.Response) -> None:
        self._answers = itertools.chain(answers, itertools.repeat(answers[-1]))
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = next(self._answers)
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)


def asked(script: Scripted, **more: object) -> Pincite:
    return Pincite("http://pincite.example", transport=httpx.MockTransport(script), **more)  # type: ignore[arg-type]


NOW = {"Retry-After": "0"}


@pytest.mark.parametrize(
    "busy",
    [error(429, "too_many_requests", NOW), error(503, "library_busy", NOW), httpx.Response(503, headers=NOW, text="…")],
)
def test_a_busy_server_is_asked_again(busy: httpx.Response) -> None:
    script = Scripted(busy, busy, httpx.Response(200, json=STATUS))
    assert asked(script).status().articles == 3
    assert len(script.requests) == 3

    async def the_same() -> int:
        again = Scripted(busy, httpx.Response(200, json=STATUS))
        async with AsyncPincite("http://pincite.example", transport=httpx.MockTransport(again)) as pincite:
            return (await pincite.status()).articles

    assert asyncio.run(the_same()) == 3


def test_it_gives_up_with_the_servers_error() -> None:
    script = Scripted(error(503, "library_busy", NOW))
    with pytest.raises(LibraryBusy, match="it is library_busy"):
        asked(script, retries=2).status()
    assert len(script.requests) == 3


def test_what_waiting_does_not_mend_is_not_asked_again() -> None:
    script = Scripted(error(503, "library_missing", NOW))
    with pytest.raises(LibraryMissing):
        asked(script).status()
    assert len(script.requests) == 1


@pytest.mark.parametrize(
    ("reply", "least", "most"),
    [
        (error(429, "too_many_requests", {"Retry-After": "7"}), 7, 7),
        (error(429, "too_many_requests", {"Retry-After": "0.5"}), 0.5, 0.5),
        (error(503, "library_busy", {"Retry-After": "-3"}), 0, 0),
        (error(503, "library_busy"), 1.5, 2.5),  # 0.25 doubled three times, spread by a quarter
        (error(503, "library_busy", {"Retry-After": "soon"}), 1.5, 2.5),
    ],
)
def test_how_long_it_waits(reply: httpx.Response, least: float, most: float) -> None:
    seconds = wait_before_asking_again(reply, 3)
    assert seconds is not None
    assert least <= seconds <= most


def test_a_date_is_waited_for_and_an_hour_is_not() -> None:
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    seconds = wait_before_asking_again(error(503, "library_busy", {"Retry-After": soon}), 0)
    assert seconds is not None
    assert 20 < seconds <= 30
    for reply in (error(429, "busy", {"Retry-After": "3600"}), error(500, "internal", NOW), httpx.Response(200)):
        assert wait_before_asking_again(reply, 0) is None


@pytest.mark.parametrize(
    ("reply", "message"),
    [
        (httpx.Response(502, text="<html>"), "http://pincite.example/v1/status answers 502 (Bad Gateway)."),
        (httpx.Response(500, json={"detail": "x"}), "answers 500 (Internal Server Error)."),
        (error(418, "teapot"), "it is teapot"),
        (httpx.Response(200, text="hello"), "does not answer as Pincite does"),
        (httpx.Response(200, json={"articles": 3}), "does not answer as Pincite does"),
        (httpx.Response(200, json=[1]), "Is another service there?"),
    ],
)
def test_what_is_not_ours_is_a_server_error(reply: httpx.Response, message: str) -> None:
    with pytest.raises(ServerError) as caught:
        asked(Scripted(reply)).status()
    assert message in caught.value.message
    assert caught.value.detail["status"] == reply.status_code


def test_an_unknown_code_is_kept() -> None:
    with pytest.raises(ServerError) as caught:
        asked(Scripted(error(418, "teapot"))).status()
    assert caught.value.detail == {"status": 418, "field": "x", "code": "teapot"}


def every(kind: type[PinciteError]) -> list[type[PinciteError]]:
    return [kind, *(one for below in kind.__subclasses__() for one in every(below))]


@pytest.mark.parametrize("kind", [one for one in every(PinciteError) if one is not Unreadable])
def test_every_error_arrives_as_itself(kind: type[PinciteError]) -> None:
    found = replies.known_error(kind.code, "what", {"field": "x"})
    assert type(found) is kind
    assert (found.message, found.detail["field"]) == ("what", "x")


def test_an_unreadable_file_arrives_with_its_place() -> None:
    sent = Unreadable("no text", origin="rows.jsonl", record=4)
    found = replies.known_error(sent.code, sent.message, sent.detail)
    assert isinstance(found, Unreadable)
    assert (found.message, found.detail) == (sent.message, sent.detail)


def test_key_and_collection_go_with_every_request() -> None:
    script = Scripted(httpx.Response(200, json=STATUS))
    asked(script, api_key="secret", collection="sports").status()
    asked(script).status()
    first, second = (request.headers for request in script.requests)
    assert (first["authorization"], first["pincite-collection"]) == ("Bearer secret", "sports")
    assert first["user-agent"].startswith("pincite/")
    assert not {"authorization", "pincite-collection"} & set(second)


def sent_by(call: Callable[[Pincite], object]) -> httpx.Request:
    script = Scripted(httpx.Response(404, json={"error": {"code": "not_found", "message": "…", "detail": {}}}))
    with pytest.raises(PinciteError):
        call(asked(script))
    return script.requests[0]


def test_a_question_is_sent_with_what_was_chosen_and_no_more() -> None:
    request = sent_by(lambda pincite: pincite.search("why?", tags=("a",), half_life_days=7, rerank=None))
    assert json.loads(request.content) == {
        "query": "why?",
        "recency": {"half_life_days": 7},
        "filters": {"tags": ["a"]},
    }
    assert json.loads(sent_by(lambda pincite: pincite.search("why?")).content) == {"query": "why?"}


def test_ids_are_percent_encoded() -> None:
    assert sent_by(lambda pincite: pincite.article("https://x.example/a?b#c")).url.raw_path == (
        b"/v1/articles/https%3A%2F%2Fx.example%2Fa%3Fb%23c"
    )


def test_storing_may_take_longer_than_asking() -> None:
    def seconds(call: Callable[[Pincite], object]) -> float:
        return float(sent_by(call).extensions["timeout"]["read"])

    assert seconds(lambda pincite: pincite.status()) == 60
    assert seconds(lambda pincite: pincite.add([])) == 1800
    assert seconds(lambda pincite: pincite.upload(("a", b""))) == 1800
