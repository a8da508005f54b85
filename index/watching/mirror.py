"""Which articles each file of a folder gave, and so which of them no file gives any longer.

An article belongs to a folder if a file of it gave the article when it was last read in a mirroring pass, whatever the
article's id looks like. No other article is ever deleted, nor one that another folder or a URL gave too.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path

from index.articles.article import Json
from index.journal import Journal

_BETWEEN = "\0"


class Mirror:
    """The articles of one folder's files.

    Args:
        journal: of all mirrored folders of a library.
        folder: which one this is.
    """

    def __init__(self, journal: Journal, folder: Path) -> None:
        self._journal = journal
        self._prefix = f"{folder.resolve()}{_BETWEEN}"

    def files(self) -> list[str]:
        """The origins of the files that were read before."""
        return [key.removeprefix(self._prefix) for key, _ in self._journal.items() if key.startswith(self._prefix)]

    def settle(
        self,
        read: Mapping[str, Collection[str]],
        gone: Iterable[str],
        elsewhere: Callable[[], set[str]],
        delete: Callable[[list[str]], object],
    ) -> list[str]:
        """Delete the articles that no file gives any longer, then keep which file gives which.

        Args:
            read: origins of files that were read whole, each with the ids of all its articles.
            gone: origins of files that are no longer there.
            elsewhere: the ids of articles that come from elsewhere; asked only if something would be deleted.
            delete: takes the ids of articles to delete.

        Returns:
            The ids of what was deleted.
        """
        news: dict[str, Json] = {self._prefix + origin: None for origin in gone}
        news |= {self._prefix + origin: _kept(articles) for origin, articles in read.items()}
        left = {article for key in news for article in _ids(self._journal.get(key))} - _all(news)
        if left:
            left -= _all({key: value for key, value in self._journal.items() if key not in news})
        if left:
            left -= elsewhere()
        orphans = sorted(left)
        if orphans:
            delete(orphans)
        self._journal.put(news)
        return orphans

    def add(self, origin: str, articles: Iterable[str]) -> None:
        """Keep that a file which could not be read whole gave these articles, besides those that it gave before."""
        key = self._prefix + origin
        self._journal.put({key: _kept((*_ids(self._journal.get(key)), *articles))})


def _kept(articles: Iterable[str]) -> list[Json]:
    return [*sorted(set(articles))]


def _ids(value: Json) -> list[str]:
    return [str(article) for article in value] if isinstance(value, list) else []


def _all(values: Mapping[str, Json]) -> set[str]:
    return {article for value in values.values() for article in _ids(value)}
