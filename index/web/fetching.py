"""One careful GET: time-outs and a limit for all of it, a limit on size, redirects checked one by one.

Nothing is taken from the environment but where certificates lie: no proxy, no netrc, no cookies. A proxy would look
names up by itself, and so undo the check of addresses. Knows nothing of robots, of rates or of articles.
"""

from __future__ import annotations

import ssl
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from importlib.metadata import version
from socket import getaddrinfo

import httpcore
import httpx

from index.articles.readers.files import LARGEST_BYTES
from index.errors import Unreadable
from index.web.addresses import Address, AddressRefused, Allowed, LookUp, resolve
from index.web.connecting import CheckedBackend, Deadline
from index.web.urls import web_url

USER_AGENT = f"Pincite/{version('pincite')} (indexing articles for search)"
REDIRECTS = frozenset((301, 302, 303, 307, 308))
NO_ARTICLES = ("image/", "audio/", "video/", "font/")
PIECE_BYTES = 64 * 1024

Before = Callable[[httpx.URL], Mapping[str, str]]
"""Called with each URL before it is asked for, redirects too; gives more headers to send, may wait or refuse."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long and how large one fetch may be.

    Attributes:
        connect_seconds: for one connection.
        read_seconds: between two pieces of the answer.
        total_seconds: for one request with its answer. How long a name service may take is the system's to limit.
        bytes: of the answer's body, as it is sent and as it is unpacked.
        redirects: how many are followed.
    """

    connect_seconds: float = 10.0
    read_seconds: float = 20.0
    total_seconds: float = 120.0
    bytes: int = LARGEST_BYTES
    redirects: int = 5


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answered.

    Attributes:
        url: what was asked for in the end, after redirects.
        status: of HTTP.
        headers: by name in lower case.
        content: the body of an answer 200, unpacked; empty for any other.
    """

    url: httpx.URL
    status: int
    headers: Mapping[str, str]
    content: bytes = b""

    @property
    def media_type(self) -> str:
        """The type that the server states, such as ``text/html``, without parameters; empty if it states none."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


def _nothing(_url: httpx.URL) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True)
class Fetcher:
    """Gets URLs.

    Attributes:
        allowed: what may be read though it is not public.
        limits: see there.
        look_up: the name service.
        tls: how certificates are verified.
    """

    allowed: Allowed = field(default_factory=Allowed)
    limits: Limits = field(default_factory=Limits)
    look_up: LookUp = getaddrinfo
    tls: ssl.SSLContext = field(default_factory=httpx.create_ssl_context)

    def get(self, url: httpx.URL, before: Before = _nothing) -> Reply:
        """What the URL answers in the end.

        Raises:
            Unreadable: there is no answer, or it may not be had; the origin is `url`, whatever it redirects to.
        """
        target = url
        try:
            for _ in range(self.limits.redirects + 1):
                reply = self._request(target, before(target))
                if reply.status not in REDIRECTS or "location" not in reply.headers:
                    return reply
                target = web_url(reply.headers["location"], target)
        except Unreadable as unreadable:
            there = "" if unreadable.origin == str(url) else f" (redirected to {unreadable.origin})"
            raise Unreadable(unreadable.reason + there, origin=str(url)) from None
        raise Unreadable(f"it redirects more than {self.limits.redirects} times", origin=str(url))

    def _request(self, url: httpx.URL, more: Mapping[str, str]) -> Reply:
        deadline = Deadline(self.limits.total_seconds)
        with self._named(url, deadline):
            backend = CheckedBackend(self._addresses(url), deadline)
            with (
                httpcore.ConnectionPool(self.tls, network_backend=backend, max_keepalive_connections=0) as connections,
                connections.stream(
                    "GET", _raw(url), headers=_headers(url, more), extensions={"timeout": self._timeouts()}
                ) as response,
            ):
                headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
                reply = Reply(url, response.status, headers)
                if reply.status != HTTPStatus.OK:
                    return reply
                content = self._content(reply, response.iter_stream())
        return Reply(url, reply.status, headers, content)

    def _addresses(self, url: httpx.URL) -> list[Address]:
        port = url.port or (443 if url.scheme == "https" else 80)
        return resolve(url.raw_host.decode("ascii"), port, self.allowed, self.look_up)

    def _timeouts(self) -> dict[str, float]:
        read = self.limits.read_seconds
        return {"connect": self.limits.connect_seconds, "read": read, "write": read, "pool": read}

    def _content(self, reply: Reply, parts: Iterable[bytes]) -> bytes:
        """The body, unpacked; refused as soon as it is known to be no article or too large."""
        if reply.media_type.startswith(NO_ARTICLES):
            raise _Refused(f"it is {reply.media_type}, which holds no article")
        stated = reply.headers.get("content-length", "")
        if stated.isdecimal() and int(stated) > self.limits.bytes:
            raise _Refused(self._too_large())
        coding = reply.headers.get("content-encoding", "identity").strip().lower()
        if coding not in {"identity", "gzip", "x-gzip"}:
            raise _Refused(f"it is packed by {coding}, which was not asked for")
        sent = self._bounded(parts)
        return b"".join(sent if coding == "identity" else self._bounded(_gunzipped(sent)))

    def _bounded(self, parts: Iterable[bytes]) -> Iterator[bytes]:
        size = 0
        for part in parts:
            size += len(part)
            if size > self.limits.bytes:
                raise _Refused(self._too_large())
            yield part

    def _too_large(self) -> str:
        return f"it is larger than {self.limits.bytes / 1024 / 1024:g} MiB"

    @contextmanager
    def _named(self, url: httpx.URL, deadline: Deadline) -> Iterator[None]:
        """Turns whatever goes wrong into a rejection in words for people."""
        try:
            yield
        except (_Refused, AddressRefused) as refused:
            raise Unreadable(str(refused), origin=str(url)) from None
        except httpcore.TimeoutException as error:
            raise Unreadable(self._slow(error, deadline), origin=str(url)) from None
        except (httpcore.NetworkError, httpcore.ProtocolError) as error:
            raise Unreadable(_broken(error), origin=str(url)) from None

    def _slow(self, error: httpcore.TimeoutException, deadline: Deadline) -> str:
        if deadline.passed:
            return f"it took longer than {self.limits.total_seconds:g} seconds"
        if isinstance(error, httpcore.ConnectTimeout):
            return f"there was no connection within {self.limits.connect_seconds:g} seconds"
        return f"the server was silent for {self.limits.read_seconds:g} seconds"


class _Refused(Exception):
    """An answer that is not wanted; the message is a reason for people."""


def _raw(url: httpx.URL) -> httpcore.URL:
    return httpcore.URL(scheme=url.raw_scheme, host=url.raw_host, port=url.port, target=url.raw_path)


def _headers(url: httpx.URL, more: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    headers = {
        "Host": url.netloc.decode("ascii"),
        "User-Agent": USER_AGENT,
        "Accept": "text/html, application/rss+xml, application/atom+xml, application/xml, application/pdf, */*;q=0.8",
        "Accept-Encoding": "gzip",
        "Connection": "close",
        **more,
    }
    return [(name.encode("ascii"), value.encode("latin-1")) for name, value in headers.items()]


def _gunzipped(parts: Iterable[bytes]) -> Iterator[bytes]:
    """What is packed, in pieces of a bounded size, however far it swells."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        for part in parts:
            left = part
            while left:
                if unpacker.eof:  # one gzip file may follow another
                    unpacker = zlib.decompressobj(wbits=31)
                yield unpacker.decompress(left, PIECE_BYTES)
                left = unpacker.unconsumed_tail or unpacker.unused_data
        yield unpacker.flush()
    except zlib.error as error:
        raise _Refused(f"it is broken gzip ({error})") from None
    if not unpacker.eof:
        raise _Refused("it is gzip that breaks off")


def _broken(error: Exception) -> str:
    cause = error.__cause__ or error.__context__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"its certificate is not accepted ({cause.verify_message})"
    if isinstance(cause, ssl.SSLError):
        return f"no secure connection can be made ({cause.reason})"
    reason = cause.strerror if isinstance(cause, OSError) and cause.strerror else str(error) or repr(error)
    return f"the connection failed ({reason})"
