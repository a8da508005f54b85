"""What strangers send: no HTTP at all, half of it, too much or too slowly, over a real port and by hand.

Whatever comes, the answer is in the one error shape or the connection is closed; the server goes on answering others,
logs nothing that was sent, and stores nothing by halves.
"""

from __future__ import annotations

import base64
import gzip
import json
import logging
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest

from api import connections
from api.app import create_app
from api.connections import Connection
from api.keys import KeyRing
from api.service import Service
from api.settings import Settings
from index.embedding.hashing import HashingEmbedder
from index.library.opening import open_library
from tests.api.serving import serving

MARK = "pelican-9f3c"
"""Stands in whatever is secret: questions, articles, keys."""

PATIENCE = 20


@dataclass(frozen=True)
class Server:
    """A running server."""

    address: tuple[str, int]
    key: str

    def connect(self) -> socket.socket:
        return socket.create_connection(self.address, timeout=PATIENCE)

    def say(self, sent: bytes) -> tuple[int, bytes, bytes]:
        """Send this, and read until the server closes: the status (0 where none came), the head and the body."""
        with closing(self.connect()) as connection:
            with suppress(OSError):  # it was refused before all was sent
                connection.sendall(sent)
            return parted(read(connection))

    def request(self, line: str, headers: Sequence[bytes] = (), body: bytes = b"") -> tuple[int, bytes, bytes]:
        return self.say(self.written(line, headers, body))

    def written(self, line: str, headers: Sequence[bytes] = (), body: bytes = b"") -> bytes:
        own = [b"Host: localhost", b"Connection: close"]
        if not any(one.lower().startswith(b"authorization") for one in headers):
            own.append(b"Authorization: Bearer " + self.key.encode())
        if body:
            own.append(b"Content-Length: %d" % len(body))
        return b"\r\n".join([f"{line} HTTP/1.1".encode(), *own, *headers, b"", body])

    def articles(self) -> list[str]:
        _, _, body = self.request("GET /v1/articles")
        return [one["id"] for one in json.loads(body)["articles"]]


def read(connection: socket.socket) -> bytes:
    found = b""
    try:
        while got := connection.recv(2**16):
            found += got
    except ConnectionResetError:  # what we sent was not read to its end
        pass
    return found


def parted(reply: bytes) -> tuple[int, bytes, bytes]:
    head, _, body = reply.partition(b"\r\n\r\n")
    return int(head.split(b" ")[1]) if b" " in head else 0, head, body


def code_of(body: bytes) -> str:
    """The code of an error, which must be in the one shape."""
    error = json.loads(body)["error"]
    assert set(error) == {"code", "message", "detail"}
    code: str = error["code"]
    return code


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("strangers")
    ring = KeyRing(folder / "keys.json")
    _, key = ring.create("operator", ["admin"], ["*"])
    service = Service(open_library(folder / "library", create=True), HashingEmbedder)
    with serving(create_app(service, Settings(timeout_seconds=2), ring)) as address:
        where = urlsplit(address)
        assert where.port is not None
        yield Server(("127.0.0.1", where.port), key)


NO_HTTP = {
    "nothing of the kind": bytes(range(256)) * 20,
    "zeros": b"\0" * 5000,
    "TLS": bytes.fromhex("16030100a5010000a10303") + bytes(60),
    "an endless line": b"GET /" + b"a" * 200_000,
    "a header without a name": b"GET / HTTP/1.1\r\nHost: localhost\r\nFoo Bar: x\r\n\r\n",
    "a zero in a header": b"GET / HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n",
    "no host": b"GET / HTTP/1.1\r\n\r\n",
    "two hosts": b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
    "a negative length": b"POST /v1/search HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
    "a length in other digits": b"POST /v1/search HTTP/1.1\r\nHost: localhost\r\nContent-Length: \xb2\r\n\r\n",
    "two lengths": b"POST /v1/search HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\n{} ",
    "a length and chunks": b"POST /v1/search HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n"
    b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "an unknown coding": b"POST /v1/search HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip\r\n\r\n",
}


@pytest.mark.parametrize("sent", NO_HTTP.values(), ids=NO_HTTP.keys())
def test_what_is_no_http_is_told_so_in_the_one_shape(server: Server, sent: bytes) -> None:
    status, head, body = server.say(sent)
    assert b"200 OK" not in body
    assert (status in {400, 501}, b"application/json" in head) == (True, True)
    assert code_of(body.partition(b"HTTP/1.1")[0]) == "invalid_input"


ODD_KEYS = {
    "bearer, no text": b"Authorization: Bearer \xff\xfe",
    "bearer, very long": b"Authorization: Bearer " + b"a" * 7000,
    "basic, no base64": b"Authorization: Basic \xe2\x98\xba",
    "basic, no text": b"Authorization: Basic " + base64.b64encode(b"a:\xff\xfe"),
    "basic, empty": b"Authorization: Basic",
    "an unknown scheme": b"Authorization: Digest a=b",
}


@pytest.mark.parametrize("header", ODD_KEYS.values(), ids=ODD_KEYS.keys())
def test_keys_of_odd_characters_open_nothing(server: Server, header: bytes) -> None:
    status, _, body = server.request("GET /v1/status", [header])
    assert (status, code_of(body)) == (401, "key_required")


@pytest.mark.parametrize("origin", [b"http://[", b"\xff\xfe", b"null", b"http://localhost.evil.example"])
def test_origins_that_are_none_are_refused(server: Server, origin: bytes) -> None:
    status, _, body = server.request("GET /v1/status", [b"Origin: " + origin])
    assert (status, code_of(body)) == (403, "origin_refused")


ODD_PATHS = [
    "/v1/articles/..%2f..%2fetc%2fpasswd",
    "/v1/articles/%00",
    "/v1/articles/%ff",
    "/v1/articles/%ed%a0%80",
    "/static/../../api/app.py",
    "/static/..%2f..%2fapp.py",
    "/../../../../etc/passwd",
    "/v1/citations/%ff",
    "/v1/status?collection=..%2f..%2fetc",
    "/v1/status?collection=%00",
]


@pytest.mark.parametrize("path", ODD_PATHS)
def test_paths_lead_nowhere(server: Server, path: str) -> None:
    status, _, body = server.request(f"GET {path}")
    assert status in {400, 404, 422}
    assert b"root:" not in body
    code_of(body)


@pytest.mark.parametrize("path", ["/v1/search", "/v1/articles", "/mcp"])
def test_a_packed_body_is_told_so(server: Server, path: str) -> None:
    packed = gzip.compress(b'{"query": "sea"}')
    for coding in (b"gzip", b"br", b"GZIP, identity"):
        status, _, body = server.request(f"POST {path}", [b"Content-Encoding: " + coding], packed)
        assert (status, code_of(body)) == (422, "invalid_input")
        assert json.loads(body)["error"]["detail"]["field"] == "Content-Encoding"


def test_what_was_not_read_of_a_refused_request_is_no_request(server: Server) -> None:
    refused = server.written("POST /v1/search", [b"Authorization: Bearer none"], server.written("GET /v1/status"))
    kept_open = refused.replace(b"Connection: close\r\n", b"", 1)
    status, _, rest = server.say(kept_open + server.written("GET /healthz"))
    assert (status, rest.count(b"HTTP/1.1 ")) == (401, 1)
    assert rest.endswith(b'{"status":"ok"}')


@pytest.mark.parametrize("method", ["OPTIONS", "PATCH", "TRACE", "PROPFIND", "get", "CONNECT"])
def test_other_methods_are_told_so(server: Server, method: str) -> None:
    status, head, body = server.request(f"{method} /v1/search")
    assert (status, code_of(body)) == (405, "method_not_allowed")
    assert b"allow:" in head.lower()


def test_a_reply_to_head_has_no_body(server: Server) -> None:
    for path, status in (("/v1/status", 200), ("/v1/search", 422), ("/nowhere", 404), ("/v1/rerank", 405)):
        told, head, body = server.request(f"HEAD {path}")
        assert (told, body) == (status, b"")
        assert b"content-length: 0" not in head.lower()


def test_the_old_version_of_http_is_spoken(server: Server) -> None:
    status, _, body = server.say(b"GET /healthz HTTP/1.0\r\n\r\n")
    assert (status, json.loads(body)) == (200, {"status": "ok"})


def test_requests_in_one_go_are_answered_in_turn(server: Server) -> None:
    one = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
    _, head, rest = server.say(one * 30 + server.written("GET /healthz"))
    assert (head + rest).count(b"HTTP/1.1 200 OK") == 31


def test_a_web_socket_is_not_opened(server: Server) -> None:
    asked = [b"Upgrade: websocket", b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", b"Sec-WebSocket-Version: 13"]
    status, _, body = server.request("GET /v1/nothing", [b"Connection: Upgrade", *asked])
    assert (status, code_of(body)) == (404, "no_such_route")


# Slow and cut short


def test_who_never_sends_a_whole_head_loses_his_place(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.2)
    monkeypatch.setattr(connections, "LOOK_SECONDS", 0.1)
    with closing(server.connect()) as silent, closing(server.connect()) as slow:
        slow.sendall(b"GET /healthz HTTP/1.1\r\nHost: local")
        status, _, body = parted(read(slow))
        assert (status, code_of(body)) == (408, "body_too_slow")
        assert read(silent).startswith(b"HTTP/1.1 408 ")


def test_a_head_that_comes_too_slowly_after_an_answer_loses_its_place_too(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.2)
    monkeypatch.setattr(connections, "LOOK_SECONDS", 0.1)
    with closing(server.connect()) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\nGET /hea")
        found = read(connection)
    assert found.startswith(b"HTTP/1.1 200 OK")


def test_a_request_that_takes_long_keeps_its_place(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """A body has a time-out of its own, which the route's limits set."""
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.1)
    monkeypatch.setattr(connections, "LOOK_SECONDS", 0.05)
    body = b'{"query": "sea"}'
    with closing(server.connect()) as connection:
        whole = server.written("POST /v1/search", [b"Content-Type: application/json"], body)
        connection.sendall(whole[:-5])
        time.sleep(0.5)
        connection.sendall(whole[-5:])
        assert parted(read(connection))[0] == 200


def test_who_never_reads_loses_his_place(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connections, "STALLED_SECONDS", 0.3)
    monkeypatch.setattr(connections, "LOOK_SECONDS", 0.1)
    text = "The tide comes in and the tide goes out. " * 10_000
    body = json.dumps({"text": text}).encode()
    assert server.request("PUT /v1/articles/long", [b"Content-Type: application/json"], body)[0] in {200, 201}
    with closing(socket.socket()) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(server.address)
        connection.settimeout(PATIENCE)
        asked = server.written("GET /v1/articles/long").replace(b"Connection: close\r\n", b"")
        connection.sendall(asked * 32)  # more than the system keeps of a connection
        time.sleep(1.5)
        assert len(read(connection)) < 32 * len(text)
    server.request("DELETE /v1/articles/long")


def test_more_connections_than_there_is_room_for_are_told_to_come_again(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Connection, "most", 5)
    with ExitStack() as held:
        for _ in range(5):
            held.enter_context(closing(server.connect())).sendall(b"GET /healthz HTTP/1.1\r\nHo")
        status, head, body = server.request("GET /healthz")
        assert (status, code_of(body)) == (429, "too_many_requests")
        assert b"retry-after: 1" in head.lower()
    until = time.monotonic() + PATIENCE
    while server.request("GET /healthz")[0] != 200:
        assert time.monotonic() < until


def test_a_thousand_connections_that_say_nothing_keep_nobody_out(server: Server) -> None:
    with ExitStack() as held:
        for _ in range(1000):
            held.enter_context(closing(server.connect()))
        assert server.request("GET /v1/status")[0] == 200


def test_an_upload_that_is_cut_short_stores_nothing(server: Server) -> None:
    before = server.articles()
    file = (
        b'--B\r\nContent-Disposition: form-data; name="files"; filename="cut.txt"\r\n\r\nThe whole text.\r\n--B--\r\n'
    )
    whole = server.written("POST /v1/articles/upload", [b"Content-Type: multipart/form-data; boundary=B"], file)
    for end in (len(whole) - 1, len(whole) - 12, len(whole) - len(file) + 3):
        with closing(server.connect()) as connection:
            connection.sendall(whole[:end])
    assert server.articles() == before
    assert server.say(whole)[0] == 200
    assert set(server.articles()) - set(before) == {"cut.txt"}


def test_nothing_that_was_sent_is_logged(server: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    body = json.dumps({"query": MARK, "limit": MARK}).encode()
    kind = b"Content-Type: application/json"
    server.request("POST /v1/search", [kind], body)
    server.request("POST /v1/search", [kind], body[:-3])
    server.request(f"GET /v1/search?q={MARK}&limit={MARK}")
    server.request(f"GET /v1/articles/{MARK}")
    server.request("GET /v1/status", [f"Authorization: Bearer {MARK}".encode()])
    server.request("GET /v1/status", [f"X-Request-ID: {MARK} {{}}".encode(), b"Origin: http://" + MARK.encode()])
    server.say(b"GET /v1/search HTTP/1.1\r\nHost: localhost\r\nAuthorization " + MARK.encode() + b"\r\n\r\n")
    ours = [
        one for one in caplog.records if one.name.partition(".")[0] in {"pincite", "api", "search", "index", "uvicorn"}
    ]
    assert len(ours) >= 6
    assert all(MARK not in one.getMessage() + str(vars(one)) and server.key not in one.getMessage() for one in ours)
