"""Which web pages may ask: none but our own and those of the origins that are set.

A browser sends a page's requests wherever the page says, also to a server on loopback that only this machine reaches.
Two things tell them apart. A page of another origin, be it only another port, is told by `Origin`, or by
`Sec-Fetch-Site` where a browser sends none. A page whose name was made to point here (DNS rebinding) is told by `Host`:
addresses and names without a dot are nobody else's, other names must be set. Where keys are in force the name does not
matter, since such a page has none.

Replies tell browsers and caches that they are for who asked alone, and nothing but what they say they are.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.keys import KeyRing
from api.replies import reply_to
from index.errors import HostRefused, OriginRefused, PinciteError

ANY = "*"
FOR_BROWSERS = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-cache"}
"""Headers of every reply that says nothing else."""
OURS = ("same-origin", "none")
"""What a browser says of a page's own requests, and of an address that somebody typed."""
NAMED = re.compile(r"(?:\[(?P<address>[^\[\]]*)\]|(?P<name>[^:\[\]@]*))(?::\d*)?")
"""A `Host` header."""


class Origins:
    """Refuses what comes from other pages.

    Args:
        app: what is behind.
        hosts: names by which the server may be called, besides addresses and names without a dot; `*` for any.
        origins: origins whose pages may ask, such as ``https://chat.example``; `*` for any.
        keys: the keys in use, if any.
    """

    def __init__(self, app: ASGIApp, hosts: Sequence[str], origins: Sequence[str], keys: KeyRing | None) -> None:
        self._app, self._keys = app, keys
        self._hosts = {host.lower() for host in hosts}
        self._origins = {origin.lower().rstrip("/") for origin in origins}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in FOR_BROWSERS.items():
                    headers.setdefault(name, value)
            await send(message)

        if scope["type"] == "http":
            try:
                self._check(Headers(scope=scope), scope["method"])
            except PinciteError as error:
                await reply_to(error)(scope, receive, told)
                return
        await self._app(scope, receive, told)

    def _check(self, headers: Headers, method: str) -> None:
        host = headers.get("host", "")
        if not (self._keys and self._keys.in_force) and not self._knows(name_of(host)):
            message = f"This server is not called {name_of(host)!r}. Add the name to PINCITE_HOSTS if it is."
            raise HostRefused(message, host=name_of(host))
        origins = headers.getlist("origin")
        if not origins and headers.get("sec-fetch-site", "none") not in OURS and not _is_visit(headers, method):
            raise OriginRefused("Pages of other origins may not ask. PINCITE_ORIGINS names those that may.")
        for origin in origins:
            if not self._allows(origin.lower(), host.lower()):
                message = f"Pages of {origin} may not ask. Add the origin to PINCITE_ORIGINS if they should."
                raise OriginRefused(message, origin=origin)

    def _knows(self, name: str) -> bool:
        return "." not in name or _is_address(name) or name in self._hosts or ANY in self._hosts

    def _allows(self, origin: str, host: str) -> bool:
        return _host_of(origin) == host or origin in self._origins or ANY in self._origins


def name_of(host: str) -> str:
    """The name in a `Host` header, without the port, in small letters and without a last dot; all of what is none."""
    told = NAMED.fullmatch(host.lower())
    return (told["address"] or told["name"] or "").rstrip(".") if told else host.lower()


def _host_of(origin: str) -> str | None:
    try:
        return urlsplit(origin).netloc
    except ValueError:  # such as half of an IPv6 address
        return None


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_visit(headers: Headers, method: str) -> bool:
    """Whether somebody follows a link here: the page that it is on sees nothing of the answer."""
    return method == "GET" and headers.get("sec-fetch-mode") == "navigate"
