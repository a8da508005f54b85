"""Admission: what is worked on at once, what waits, what is told to come again, and what stops when nobody waits."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from starlette.concurrency import run_in_threadpool
from starlette.responses import JSONResponse
from starlette.types import Receive, Scope, Send

from api.middleware.admission import Admission, Kind, Limits, kind_of
from api.middleware.permits import Permits
from index.cancelling import check
from index.errors import Cancelled
from tests.api.middleware.asking import Asking

Test = Callable[[], Coroutine[Any, Any, None]]


class Workshop:
    """An application whose work goes on until the test ends it, in a thread as real work does."""

    def __init__(self) -> None:
        self.begun = 0
        self.cancelled = 0
        self.bodies: list[bytes] = []
        self.over = threading.Event()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = b""
        more = True
        while more:
            message = await receive()
            body += message["body"]
            more = message["more_body"]
        self.bodies.append(body)
        if scope["path"] == "/healthz" or await run_in_threadpool(self._work):
            await JSONResponse({"bytes": len(body)})(scope, receive, send)

    def _work(self) -> bool:
        self.begun += 1
        while not self.over.wait(0.005):
            try:
                check()
            except Cancelled:
                self.cancelled += 1
                return False
        return True


class Server:
    """Admission before the workshop."""

    def __init__(self, most: int = 2, queue: int = 3, seconds: float | None = 30, body_seconds: float = 30) -> None:
        self.workshop = Workshop()
        self.read, self.write = Permits(most, queue), Permits(1, 1)
        limits: dict[Kind, Limits] = {
            "read": Limits(1000, body_seconds, seconds),
            "write": Limits(200_000, body_seconds, None),
        }
        self.app = Admission(self.workshop, {"read": self.read, "write": self.write}, limits)

    def ask(self, path: str = "/v1/search", body: bytes = b"{}", method: str = "POST") -> Asking:
        """A whole request, begun."""
        return Asking(self.app, method, path).body(body).begin()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds."""
        for _ in range(3000):
            if holds():
                return
            await asyncio.sleep(0.01)
        pytest.fail("it never came to hold")


def test_so_many_work_so_many_wait_and_the_rest_is_told_when_to_come_again() -> None:
    async def scene() -> None:
        server = Server(most=2, queue=3)
        inside = [server.ask() for _ in range(5)]
        await server.until(lambda: server.workshop.begun == 2 and server.read.waiting == 3)
        refused = [await server.ask().done() for _ in range(20)]
        assert {one.status for one in refused} == {429}
        assert {one.json["error"]["code"] for one in refused} == {"too_many_requests"}
        assert all(int(one.headers["retry-after"]) >= 1 for one in refused)
        assert server.workshop.begun == 2
        server.workshop.over.set()
        assert [(await one.done()).status for one in inside] == [200] * 5
        assert (server.read.working, server.read.inside) == (0, 0)

    asyncio.run(scene())


def test_health_is_answered_however_full_it_is() -> None:
    async def scene() -> None:
        server = Server(most=1, queue=0)
        held = server.ask()
        await server.until(lambda: server.workshop.begun == 1)
        for path in ("/healthz",):
            assert (await server.ask(path, b"", "GET").done()).status == 200
        server.workshop.over.set()
        await held.done()

    asyncio.run(scene())


def test_storing_and_reading_do_not_wait_for_each_other() -> None:
    async def scene() -> None:
        server = Server(most=1, queue=0)
        reading = server.ask()
        writing = server.ask("/v1/articles")
        await server.until(lambda: server.workshop.begun == 2)
        server.workshop.over.set()
        assert ((await reading.done()).status, (await writing.done()).status) == (200, 200)

    asyncio.run(scene())


@pytest.mark.parametrize(
    ("method", "path", "kind"),
    [
        ("GET", "/healthz", None),
        ("GET", "/metrics", None),
        ("POST", "/v1/search", "read"),
        ("GET", "/v1/articles", "read"),
        ("POST", "/v1/articles", "write"),
        ("POST", "/v1/articles/upload", "write"),
        ("DELETE", "/v1/articles/a", "write"),
        ("POST", "/mcp", "read"),
    ],
)
def test_what_counts_as_reading(method: str, path: str, kind: Kind | None) -> None:
    assert kind_of({"method": method, "path": path}) == kind


def test_who_leaves_the_queue_leaves_room_and_is_never_worked_for() -> None:
    async def scene() -> None:
        server = Server(most=1, queue=1)
        working, waiting = server.ask(), server.ask()
        await server.until(lambda: server.workshop.begun == 1 and server.read.waiting == 1)
        waiting.leave()
        await waiting.done()
        assert (server.read.waiting, waiting.status) == (0, None)
        server.workshop.over.set()
        await working.done()
        assert (server.workshop.begun, server.read.inside) == (1, 0)

    asyncio.run(scene())


def test_work_for_who_left_is_stopped_and_its_permit_comes_back() -> None:
    async def scene() -> None:
        server = Server(most=1, queue=1)
        left, waiting = server.ask(), server.ask()
        await server.until(lambda: server.workshop.begun == 1)
        left.leave()
        await left.done()
        assert server.workshop.cancelled == 1
        await server.until(lambda: server.workshop.begun == 2)
        server.workshop.over.set()
        assert (await waiting.done()).status == 200

    asyncio.run(scene())


def test_what_takes_too_long_is_answered_so_and_stopped() -> None:
    async def scene() -> None:
        server = Server(most=1, queue=1, seconds=0.3)
        working, waiting = server.ask(), server.ask()
        for one in (await working.done(), await waiting.done()):
            assert (one.status, one.json["error"]["code"]) == (503, "timed_out")
            assert len([message for message in one.replies if message["type"] == "http.response.start"]) == 1
        assert server.workshop.cancelled == server.workshop.begun == 1
        assert (server.read.working, server.read.inside) == (0, 0)

    asyncio.run(scene())


def test_storing_may_take_as_long_as_it_needs() -> None:
    async def scene() -> None:
        server = Server(seconds=0.05)
        writing = server.ask("/v1/articles")
        await server.until(lambda: server.workshop.begun == 1)
        await asyncio.sleep(0.2)
        server.workshop.over.set()
        assert (await writing.done()).status == 200

    asyncio.run(scene())


def test_a_body_comes_whole_in_pieces_of_any_size() -> None:
    async def scene() -> None:
        server = Server()
        server.workshop.over.set()
        asking = Asking(server.app, "POST", "/v1/articles").begin()
        pieces = [bytes([number]) * number * 997 for number in range(19)]
        for piece in pieces:
            asking.body(piece, more=True)
        assert (await asking.body(b"").done()).status == 200
        assert server.workshop.bodies == [b"".join(pieces)]

    asyncio.run(scene())


@pytest.mark.parametrize("headers", [{"Content-Length": "1001"}, {}])
def test_a_body_that_is_too_large_is_refused_announced_or_not(headers: dict[str, str]) -> None:
    async def scene() -> None:
        server = Server()
        asking = Asking(server.app, "POST", "/v1/search", headers).body(b"x" * 1001).begin()
        assert (await asking.done()).status == 413
        assert asking.json["error"]["detail"] == {"limit_bytes": 1000}
        assert (server.workshop.bodies, server.read.inside) == ([], 0)

    asyncio.run(scene())


def test_who_sends_at_a_trickle_holds_no_permit_and_is_told_so() -> None:
    async def scene() -> None:
        server = Server(most=1, queue=1, body_seconds=0.3)
        trickle = Asking(server.app, "POST", "/v1/search").body(b"{", more=True).begin()
        await server.until(lambda: server.read.inside == 1)
        assert server.read.working == 0
        server.workshop.over.set()
        assert (await server.ask().done()).status == 200
        await trickle.done()
        assert (trickle.status, trickle.json["error"]["code"]) == (408, "body_too_slow")

    asyncio.run(scene())


def test_who_leaves_before_all_is_sent_is_forgotten() -> None:
    async def scene() -> None:
        server = Server()
        asking = Asking(server.app, "POST", "/v1/search").body(b"{", more=True).begin()
        asking.leave()
        await asking.done()
        assert (asking.replies, server.workshop.bodies, server.read.inside) == ([], [], 0)

    asyncio.run(scene())


def test_a_failure_of_the_application_is_not_hidden_and_gives_the_permit_back() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise LookupError("unforeseen")

    async def scene() -> None:
        permits = Permits(1, 0)
        limits = Limits(10, 1, 1)
        app = Admission(broken, {"read": permits, "write": permits}, {"read": limits, "write": limits})
        with pytest.raises(LookupError):
            await Asking(app, "GET", "/v1/status").body(b"").begin().done()
        assert (permits.working, permits.inside) == (0, 0)

    asyncio.run(scene())


def test_a_storm_of_comers_and_leavers_loses_no_permit() -> None:
    async def scene() -> None:
        server = Server(most=3, queue=5)
        everybody = []
        for number in range(300):
            asking = server.ask()
            everybody.append(asking)
            if number % 3:
                asking.leave()
            if number % 7 == 0:
                await asyncio.sleep(0.001)
        server.workshop.over.set()
        for asking in everybody:
            await asking.done()
        assert {asking.status for asking in everybody} <= {200, 429, None}
        assert (server.read.working, server.read.inside, server.read.waiting) == (0, 0, 0)

    asyncio.run(scene())
