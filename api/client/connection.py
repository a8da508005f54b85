"""How both clients reach a server: its address, headers and time-outs."""

from __future__ import annotations

from functools import cache
from importlib.metadata import version
from ssl import PROTOCOL_TLS_CLIENT, SSLContext
from typing import Any

import httpx

from index.errors import InvalidSetting

DEFAULT_SERVER = "http://127.0.0.1:8000"
SECONDS = 60.0


def options(server: str, api_key: str | None, collection: str | None, timeout: float) -> dict[str, Any]:
    """What httpx's clients are made with.

    Raises:
        InvalidSetting: the server's address is none.
    """
    address = httpx.URL(server)
    if address.scheme not in {"http", "https"} or not address.host:
        raise InvalidSetting(f"The server is {server!r}; give an address such as {DEFAULT_SERVER}.", field="server")
    headers = {"User-Agent": f"pincite/{version('pincite')}", "Accept": "application/json"}
    if api_key:
        headers["Authorization"] = f"Bearer {api_key}"
    if collection:
        headers["Pincite-Collection"] = collection
    encryption = _encrypted() if address.scheme == "https" else _unencrypted()
    return {"base_url": address, "headers": headers, "timeout": timeout, "verify": encryption}


@cache
def _encrypted() -> SSLContext:
    """Httpx's own choice, whose certificates take 30 to 100 ms to read: once, not for every client."""
    return httpx.create_ssl_context()


@cache
def _unencrypted() -> SSLContext:
    """A context for addresses that need none. It trusts nobody."""
    return SSLContext(PROTOCOL_TLS_CLIENT)
