"""The reference in docs/, made from the program itself: `make docs` writes it, and a test holds that it is so.

Not useful for: running Pincite; nothing outside imports it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from api.reference import commands, routes, settings

Page = Callable[[], Iterator[str]]

PAGES: dict[str, Page] = {"commands.md": commands.page, "http.md": routes.page, "settings.md": settings.page}
"""The lines of each page, by its name in docs/."""


def text(page: Page) -> str:
    """A page as it is in its file."""
    return "\n".join(page()).rstrip("\n") + "\n"
