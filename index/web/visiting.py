"""A visit to a URL as a well-behaved guest: allowed by the site, at its pace, and only for what has changed.

Knows neither what an answer holds nor where it is kept.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

import httpx

from index.errors import Unreadable
from index.web.fetching import Fetcher, Reply
from index.web.politeness import Pace
from index.web.robots import Robots

MORE_OFTEN = frozenset((HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE))
ANSWERS = frozenset((HTTPStatus.OK, HTTPStatus.NOT_MODIFIED))


class Visitor:
    """Visits URLs.

    Args:
        fetcher: gets them.
        pace: keeps the distance between requests to one host.
        clock: seconds that only ever go up.
    """

    def __init__(self, fetcher: Fetcher, pace: Pace, clock: Callable[[], float] = time.monotonic) -> None:
        self._fetcher = fetcher
        self._pace = pace
        self._robots = Robots(lambda url: fetcher.get(url, self._waited), clock)

    def visit(self, url: httpx.URL, conditions: Callable[[str], Mapping[str, str]]) -> Reply:
        """The answer of a URL: 200 with its content, or 304 if it has not changed.

        A host that is busy and says how long is asked once more after that time.

        Args:
            url: what to ask for.
            conditions: the headers by which a URL (also one that it redirects to) is asked for changes only.

        Raises:
            Unreadable: nothing was answered, or it may not be read, or the status is another.
        """

        def before(hop: httpx.URL) -> Mapping[str, str]:
            self._pace.wait(hop, self._robots.delay(hop))
            return conditions(str(hop))

        reply = self._fetcher.get(url, before)
        if reply.status in MORE_OFTEN and (seconds := _seconds_to_wait(reply)) is not None:
            self._pace.hold(reply.url, seconds)
            reply = self._fetcher.get(url, before)
        if reply.status not in ANSWERS:
            raise Unreadable(f"the server answers {_named(reply.status)}", origin=str(url))
        return reply

    def _waited(self, url: httpx.URL) -> Mapping[str, str]:
        self._pace.wait(url)
        return {}


def fresh_seconds(reply: Reply) -> float:
    """For how long the server says that its answer stays the same (Cache-Control, else Expires), at most a day."""
    for directive in reply.headers.get("cache-control", "").lower().split(","):
        name, _, value = directive.strip().partition("=")
        if name in {"no-cache", "no-store"}:
            return 0.0
        if name == "max-age" and value.strip('"').isdecimal():
            return _within_a_day(int(value.strip('"')))
    expires = _moment(reply.headers.get("expires", ""))
    return _within_a_day((expires - datetime.now(UTC)).total_seconds()) if expires else 0.0


def _within_a_day(seconds: float) -> float:
    return float(min(max(seconds, 0), 24 * 60 * 60))


def _seconds_to_wait(reply: Reply) -> float | None:
    """What Retry-After says, in seconds or as a date."""
    written = reply.headers.get("retry-after", "").strip()
    if written.isdecimal():
        return float(written)
    moment = _moment(written)
    return max((moment - datetime.now(UTC)).total_seconds(), 0.0) if moment else None


def _moment(written: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(written)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _named(status: int) -> str:
    try:
        return f"{status} ({HTTPStatus(status).phrase})"
    except ValueError:
        return str(status)
