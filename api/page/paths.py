"""Which paths are the page's: there, who has no key is shown where to log in rather than an error for programs."""

from __future__ import annotations

LOG_IN = "/log-in"
PAGES = frozenset(("/", "/library", LOG_IN))
ASSETS = "/static/"
FOLDERS = ("/articles/", ASSETS)


def is_page(path: str) -> bool:
    """Whether a path is one of the page's."""
    return path in PAGES or path.startswith(FOLDERS)


def is_asset(path: str) -> bool:
    """Whether a path is that of a style, a script or the icon, which lie in memory and cost nothing."""
    return path.startswith(ASSETS)
