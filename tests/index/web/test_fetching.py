"""One careful GET, against a real server."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import httpx
import pytest

from index.errors import Unreadable
from index.web.addresses import Allowed
from index.web.fetching import USER_AGENT, Fetcher, Limits
from index.web.urls import web_url
from tests.index.web.website import LOOPBACK, Names, Page, Site

CERTIFICATE = Path(__file__).parents[2] / "data" / "tls" / "gazette.example.pem"
MIB = 1024 * 1024


def reason(fetcher: Fetcher, url: str) -> str:
    with pytest.raises(Unreadable) as failure:
        fetcher.get(web_url(url))
    assert failure.value.origin == url
    return failure.value.reason


def test_what_a_url_answers_is_had_under_its_name(site: Site, fetcher: Fetcher) -> None:
    site.put("/a?b=c", "Text", Content_Type="text/plain; charset=utf-8")
    reply = fetcher.get(web_url(site.url("/a?b=c#part")))
    assert (str(reply.url), reply.status, reply.content) == (site.url("/a?b=c"), 200, b"Text")
    assert (reply.media_type, reply.headers["content-length"]) == ("text/plain", "4")
    ((path, headers),) = site.requests
    assert path == "/a?b=c"
    assert headers["host"] == f"gazette.example:{site.port}"
    assert headers["user-agent"] == USER_AGENT
    assert USER_AGENT.startswith("Pincite/0.1.0 ")
    assert "cookie" not in headers


def test_the_environments_proxies_are_ignored(site: Site, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    site.put("/", "Text")
    assert fetcher.get(web_url(site.url("/"))).content == b"Text"


def test_redirects_are_followed_with_relative_links_too(site: Site, fetcher: Fetcher) -> None:
    site.put("/1", status=301, Location="/2")
    site.put("/2", status=302, Location=site.url("/3", "courier.example"))
    site.put("/3", "There")
    seen: list[str] = []
    reply = fetcher.get(web_url(site.url("/1")), lambda url: (seen.append(str(url)), {"X-Hop": str(len(seen))})[1])
    assert (str(reply.url), reply.content) == (site.url("/3", "courier.example"), b"There")
    assert seen == [site.url("/1"), site.url("/2"), site.url("/3", "courier.example")]
    assert [headers["x-hop"] for _, headers in site.requests] == ["1", "2", "3"]


def test_redirects_end(site: Site, fetcher: Fetcher) -> None:
    site.put("/round", status=302, Location="/round")
    assert reason(fetcher, site.url("/round")) == "it redirects more than 5 times"
    assert len(site.requests) == 6


@pytest.mark.parametrize(
    ("target", "why"),
    [
        ("http://10.0.0.1/", "10.0.0.1 is 10.0.0.1, which is no public address"),
        ("http://[::1]/", "::1 is ::1, which is no public address"),
        ("http://[::ffff:127.0.0.1]/", "which is no public address"),
        ("http://169.254.169.254/latest/meta-data/", "169.254.169.254, which is no public address"),
        ("http://inside.example/", "inside.example is 192.168.1.1, which is no public address"),
        ("file:///etc/passwd", "only http:// and https:// addresses are read"),
        ("gopher://h/", "only http:// and https:// addresses are read"),
        ("http://user:secret@gazette.example/", "with a user's name or password in it is refused"),
    ],
)
def test_redirects_lead_nowhere_that_a_url_may_not(
    site: Site, fetcher: Fetcher, names: Names, target: str, why: str
) -> None:
    names.answers["inside.example"] = ["192.168.1.1"]
    site.put("/away", status=302, Location=target)
    told = reason(fetcher, site.url("/away"))
    assert why in told
    assert "(redirected to " in told
    assert "secret" not in told
    assert len(site.requests) == 1


def test_a_redirect_without_a_place_is_an_answer(site: Site, fetcher: Fetcher) -> None:
    site.put("/x", "gone", status=302)
    reply = fetcher.get(web_url(site.url("/x")))
    assert (reply.status, reply.content) == (302, b"")


def test_a_name_is_looked_up_once_a_request_and_checked_each_time(site: Site, fetcher: Fetcher, names: Names) -> None:
    names.answers["rebound.example"] = ["127.0.0.1", "127.0.0.2"]
    strict = replace(fetcher, allowed=Allowed.parsed("127.0.0.1", "test"))
    site.put("/", "Text")
    assert strict.get(web_url(site.url("/", "rebound.example"))).content == b"Text"
    assert names.asked == ["rebound.example"]
    assert "127.0.0.2, which is no public address" in reason(strict, site.url("/", "rebound.example"))
    assert names.asked == ["rebound.example"] * 2
    assert len(site.requests) == 1


def test_a_redirect_to_the_same_name_is_checked_again(site: Site, fetcher: Fetcher, names: Names) -> None:
    names.answers["rebound.example"] = ["127.0.0.1", "127.0.0.2"]
    site.put("/1", status=302, Location="/2")
    assert "127.0.0.2, which is no public" in reason(fetcher, site.url("/1", "rebound.example"))


def test_the_connection_goes_to_the_address_that_was_checked(site: Site, names: Names) -> None:
    """The system knows no such name: had it been looked up a second time, there would be no connection."""
    names.answers["nowhere.invalid"] = ["127.0.0.1"]
    site.put("/", "Text")
    assert Fetcher(LOOPBACK, Limits(), names).get(web_url(site.url("/", "nowhere.invalid"))).content == b"Text"


def test_addresses_are_tried_one_after_the_other(site: Site) -> None:
    def two(_host: str, port: int, **_more: object) -> list[tuple[object, ...]]:
        return [(2, 1, 6, "", ("127.0.0.9", port)), (2, 1, 6, "", ("127.0.0.1", port))]

    site.put("/", "Text")
    fetcher = Fetcher(Allowed.parsed("127.0.0.0/8", "test"), look_up=two)
    assert fetcher.get(web_url(site.url("/"))).content == b"Text"


def test_loopback_is_refused_unless_it_is_allowed(site: Site, fetcher: Fetcher) -> None:
    site.put("/", "Text")
    url = f"http://127.0.0.1:{site.port}/"
    assert reason(replace(fetcher, allowed=Allowed()), url) == (
        "127.0.0.1 is 127.0.0.1, which is no public address; if it is meant, allow it with PINCITE_PRIVATE_HOSTS"
    )
    assert fetcher.get(web_url(url)).content == b"Text"


def test_what_is_packed_is_unpacked(site: Site, fetcher: Fetcher) -> None:
    text = "Text in several parts. " * 20_000
    site.put("/", gzip.compress(text.encode()), Content_Encoding="gzip")
    assert fetcher.get(web_url(site.url("/"))).content.decode() == text
    site.put("/", gzip.compress(b"one, ") + gzip.compress(b"two"), Content_Encoding="x-gzip")
    assert fetcher.get(web_url(site.url("/"))).content == b"one, two"


def test_a_bomb_is_refused_before_it_bursts(site: Site, fetcher: Fetcher) -> None:
    packer = zlib.compressobj(9, wbits=31)
    bomb = b"".join(packer.compress(bytes(MIB)) for _ in range(200)) + packer.flush()
    assert len(bomb) < MIB // 4
    site.put("/", bomb, Content_Encoding="gzip")
    assert reason(fetcher, site.url("/")) == "it is larger than 1 MiB"


@pytest.mark.parametrize(
    ("body", "headers", "why"),
    [
        (b"x" * (MIB + 1), {}, "it is larger than 1 MiB"),
        (gzip.compress(b"Text", mtime=0)[:-9], {"Content-Encoding": "gzip"}, "it is gzip that breaks off"),
        (b"no gzip", {"Content-Encoding": "gzip"}, "it is broken gzip (Error -3"),
        (b"x", {"Content-Encoding": "br"}, "it is packed by br, which was not asked for"),
        (b"x", {"Content-Type": "image/png"}, "it is image/png, which holds no article"),
        (b"x", {"Content-Type": "VIDEO/mp4; a=b"}, "it is video/mp4, which holds no article"),
    ],
)
def test_answers_that_are_not_wanted_are_refused(
    site: Site, fetcher: Fetcher, body: bytes, headers: dict[str, str], why: str
) -> None:
    site.pages["/"] = Page(body, 200, headers)
    assert reason(fetcher, site.url("/")).startswith(why)


def test_a_size_that_is_not_stated_is_counted(site: Site, fetcher: Fetcher) -> None:
    def endless(handler: BaseHTTPRequestHandler) -> None:
        handler.close_connection = True
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(64):
            handler.wfile.write(bytes(MIB // 16))

    site.pages["/"] = Page(serve=endless)
    assert reason(fetcher, site.url("/")) == "it is larger than 1 MiB"


def silent(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True
    time.sleep(1)


def trickling(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
    for _ in range(20):
        handler.wfile.write(b"x")
        handler.wfile.flush()
        time.sleep(0.1)


def trickling_headers(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(20):
        handler.wfile.write(f"X-{number}: y\r\n".encode())
        handler.wfile.flush()
        time.sleep(0.1)


@pytest.mark.parametrize(
    ("serve", "limits", "why"),
    [
        (silent, Limits(read_seconds=0.2), "the server was silent for 0.2 seconds"),
        (trickling, Limits(total_seconds=0.5), "it took longer than 0.5 seconds"),
        (trickling_headers, Limits(total_seconds=0.5), "it took longer than 0.5 seconds"),
        (silent, Limits(total_seconds=0), "it took longer than 0 seconds"),
    ],
)
def test_slow_servers_are_left(site: Site, names: Names, serve: object, limits: Limits, why: str) -> None:
    site.pages["/"] = Page(serve=serve)  # type: ignore[arg-type]
    assert reason(Fetcher(LOOPBACK, limits, names), site.url("/")) == why


def test_a_server_that_takes_no_connection_is_left(names: Names) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        url = f"http://gazette.example:{closed.getsockname()[1]}/"
        assert reason(Fetcher(LOOPBACK, Limits(), names), url) == "the connection failed (Connection refused)"


def test_a_full_server_is_left(names: Names) -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, socket.socket() as first, socket.socket() as second:
        for client in (first, second):
            client.setblocking(False)
            client.connect_ex(full.getsockname())
        url = f"http://gazette.example:{full.getsockname()[1]}/"
        told = reason(Fetcher(LOOPBACK, Limits(connect_seconds=0.3, read_seconds=0.3), names), url)
        assert told in {"there was no connection within 0.3 seconds", "the server was silent for 0.3 seconds"}


def cut_short(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")


def no_http(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True
    handler.wfile.write(b"220 mail.example ESMTP\r\n")


def no_end_of_headers(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True
    handler.wfile.write(b"HTTP/1.1 200 OK\r\nX: " + b"x" * MIB)


@pytest.mark.parametrize("serve", [cut_short, no_http, no_end_of_headers])
def test_what_is_no_whole_answer_is_named(site: Site, fetcher: Fetcher, serve: object) -> None:
    site.pages["/"] = Page(serve=serve)  # type: ignore[arg-type]
    assert reason(fetcher, site.url("/")).startswith("the connection failed (")


def test_a_name_that_is_not_found_is_named(fetcher: Fetcher, names: Names) -> None:
    def unknown(*_: object, **__: object) -> list[tuple[object, ...]]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    told = reason(replace(fetcher, look_up=unknown), "http://no.such.example/")
    assert told == "the host no.such.example cannot be found (Name or service not known)"


@pytest.fixture
def secure_port() -> Iterator[int]:
    """A server with a certificate for gazette.example, which no authority signed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)

    def serve(listening: socket.socket) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(connection, server_side=True) as secure:
                    secure.recv(65_536)
                    secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nsecure")
            except OSError:
                connection.close()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve, args=(listening,))
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_certificates_are_verified_for_the_name_not_the_address(secure_port: int, fetcher: Fetcher) -> None:
    trusting = replace(fetcher, tls=ssl.create_default_context(cafile=str(CERTIFICATE)))
    url = httpx.URL(f"https://gazette.example:{secure_port}/")
    assert trusting.get(url).content == b"secure"
    told = reason(trusting, f"https://courier.example:{secure_port}/")
    assert told.startswith("its certificate is not accepted (Hostname mismatch")


def test_a_certificate_that_nobody_signed_is_refused(secure_port: int, fetcher: Fetcher) -> None:
    told = reason(fetcher, f"https://gazette.example:{secure_port}/")
    assert told == "its certificate is not accepted (self-signed certificate)"


def test_a_server_that_does_not_speak_tls_is_named(site: Site, fetcher: Fetcher) -> None:
    told = reason(fetcher, site.url("/").replace("http:", "https:"))
    assert told.startswith(("no secure connection can be made (", "the connection failed ("))
