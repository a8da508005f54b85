"""What all pages of the reference are put together from: tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator


def table(titles: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    """The lines of a table and an empty one after it; none at all where there are no rows."""
    written = [_row(cells) for cells in rows]
    if written:
        head = list(titles)
        yield _row(head)
        yield "|" + "---|" * len(head)
        yield from written
        yield ""


def _row(cells: Iterable[str]) -> str:
    flat = (" ".join(cell.split()).replace("|", r"\|") for cell in cells)
    return f"| {' | '.join(flat)} |"
