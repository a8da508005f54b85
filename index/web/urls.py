"""Which URLs may be asked for at all, how links are completed, and which URL a page says is its own.

Knows no connections: whether a host may be reached is `addresses`' to say.
"""

from __future__ import annotations

import httpx
from lxml import etree

from index.errors import Unreadable

SCHEMES = frozenset(("http", "https"))
LONGEST = 2048

_LINKS = etree.XPath("//link[@rel][@href]")


def is_url(written: str) -> bool:
    """Whether what a user wrote is meant as a web address rather than a file."""
    return written.lower().startswith(("http://", "https://"))


def web_url(written: str, base: httpx.URL | None = None) -> httpx.URL:
    """A URL that may be asked for, without fragment; a link on a page is completed by `base`.

    Raises:
        Unreadable: it is no http(s) URL with a host, is too long, or holds a user's name or password.
    """
    shown = written[:LONGEST]
    try:
        url = base.join(written) if base else httpx.URL(written)
        url = url.copy_with(fragment=None, raw_path=url.raw_path)  # the path of http://host is /
    except (httpx.InvalidURL, ValueError) as error:
        raise Unreadable(f"it is no web address ({error})", origin=shown) from None
    if url.scheme not in SCHEMES or not url.host:
        raise Unreadable("only http:// and https:// addresses are read", origin=shown)
    if url.userinfo:
        raise Unreadable("a web address with a user's name or password in it is refused", origin=_bare(url))
    if url.port is not None and not 0 < url.port < 65_536:
        raise Unreadable(f"there is no port {url.port}", origin=shown)
    if len(written) > LONGEST:
        raise Unreadable(f"the web address has more than {LONGEST} characters", origin=shown)
    return url


def canonical(html: str, url: httpx.URL) -> httpx.URL:
    """The URL that a page names as its own (``<link rel="canonical">``), else `url`.

    It is believed within its own site only, and not where it says that an article is the home page: else one page
    could take another's place in the library.
    """
    root = etree.fromstring(html.encode("utf-8", "replace"), etree.HTMLParser(encoding="utf-8"))
    for link in _LINKS(root) if root is not None else ():
        if "canonical" in link.get("rel").lower().split():
            try:
                named = web_url(link.get("href").strip(), url)
            except Unreadable:
                continue
            if _site(named) == _site(url) and (named.path != "/" or url.path == "/"):
                return named
    return url


def _site(url: httpx.URL) -> str:
    return url.host.removeprefix("www.")


def _bare(url: httpx.URL) -> str:
    """The URL without the secret in it."""
    return str(url.copy_with(username=None, password=None))
