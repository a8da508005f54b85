"""A small mapping kept in a file, one line of JSON a change, the last one of a key counting.

A change is one write at the file's end, so a crash costs at most the line that was being written; a line that is cut
short or damaged is passed over. For what is only good to know: losing it must cost time, never an article.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from index.articles.article import Json

SPARE_LINES = 1000


class Journal:
    """A mapping from strings to JSON values other than None.

    Args:
        path: the file; it is made with the first change. None: nothing is kept.
    """

    def __init__(self, path: Path | None) -> None:
        self._path = path
        self._values: dict[str, Json] = {}
        lines = path.read_text("utf-8", "replace").splitlines() if path and path.exists() else []
        self._apply(change for line in lines for change in _changes(line))
        if path and len(lines) > 2 * len(self._values) + SPARE_LINES:
            self._rewrite(path)

    def get(self, key: str) -> Json:
        """The value of a key, None if it has none."""
        return self._values.get(key)

    def items(self) -> Iterator[tuple[str, Json]]:
        """All keys with their values."""
        return iter(self._values.items())

    def put(self, values: Mapping[str, Json]) -> None:
        """Set the values of these keys; None takes a key out. What is so already is not written again."""
        changes = [(key, value) for key, value in values.items() if self._values.get(key) != value]
        self._apply(changes)
        if changes and self._path:
            with self._path.open("a", encoding="utf-8") as file:
                file.write("\n" + "".join(map(_line, changes)))

    def _apply(self, changes: Iterable[tuple[str, Json]]) -> None:
        for key, value in changes:
            if value is None:
                self._values.pop(key, None)
            else:
                self._values[key] = value

    def _rewrite(self, path: Path) -> None:
        """Leave out the lines that later ones replaced."""
        beside = path.with_name(f"{path.name}.new")
        with beside.open("w", encoding="utf-8") as file:
            file.writelines(map(_line, self._values.items()))
        beside.replace(path)


def _line(change: tuple[str, Json]) -> str:
    return json.dumps(change) + "\n"


def _changes(line: str) -> list[tuple[str, Json]]:
    """The change in a line; none where the line is damaged, or empty as the one that ends a damaged one."""
    try:
        key, value = json.loads(line)
    except (ValueError, TypeError, RecursionError):
        return []
    return [(key, value)] if isinstance(key, str) else []
