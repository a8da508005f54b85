"""What a site's robots.txt allows (RFC 9309): read once a day, obeyed for every page. Knows no articles."""

from __future__ import annotations

import time
from collections.abc import Callable
from http import HTTPStatus

import httpx
from protego import Protego

from index.errors import Unreadable
from index.web.fetching import Reply

NAME = "Pincite"
MOST_BYTES = 512 * 1024
KEPT_SECONDS = 24 * 60 * 60


class Robots:
    """The rules of each site that was visited.

    Args:
        get: fetches a URL; it is called for each site's robots.txt.
        clock: seconds that only ever go up.
    """

    def __init__(self, get: Callable[[httpx.URL], Reply], clock: Callable[[], float] = time.monotonic) -> None:
        self._get = get
        self._clock = clock
        self._known: dict[httpx.URL, tuple[float, Protego | str]] = {}

    def delay(self, url: httpx.URL) -> float:
        """How many seconds the site wants between two requests, 0 if it does not say.

        Raises:
            Unreadable: the site does not want this URL to be read, or its rules cannot be had.
        """
        rules = self._rules(url.copy_with(raw_path=b"/robots.txt"))
        if isinstance(rules, str):
            raise Unreadable(rules, origin=str(url))
        if not rules.can_fetch(str(url), NAME):
            raise Unreadable("the site's robots.txt does not allow it", origin=str(url))
        rate = rules.request_rate(NAME)
        return max(rules.crawl_delay(NAME) or 0.0, rate.seconds / rate.requests if rate and rate.requests else 0.0)

    def _rules(self, robots: httpx.URL) -> Protego | str:
        """A site's rules, or why they are not known."""
        now = self._clock()
        if robots not in self._known or self._known[robots][0] <= now:
            rules = self._read(robots)
            # A site whose rules could not be had may answer again soon.
            self._known[robots] = (now + (KEPT_SECONDS if isinstance(rules, Protego) else 60), rules)
        return self._known[robots][1]

    def _read(self, robots: httpx.URL) -> Protego | str:
        try:
            reply = self._get(robots)
        except Unreadable as unreadable:
            return f"{unreadable.reason}; it was asked for {robots}"
        if reply.status == HTTPStatus.OK:
            return Protego.parse(reply.content[:MOST_BYTES].decode("utf-8", "replace"))
        if 400 <= reply.status < 500 and reply.status != HTTPStatus.TOO_MANY_REQUESTS:
            return Protego.parse("")
        return f"the site's robots.txt answers {reply.status}, and until it can be read nothing there is; try later"
