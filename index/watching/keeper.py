"""Takes what folders and URLs have to the library, and what files no longer give out of it, pass by pass.

Brings folders, the web and storing together; how articles are stored and deleted is handed in.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from index.articles.article import Draft
from index.articles.readers.reading import read_file
from index.errors import Unreadable
from index.ingest import Outcome
from index.journal import Journal
from index.watching.folder import File, Folder, Look
from index.watching.mirror import Mirror
from index.web.following import Follower

Store = Callable[[Iterable[Draft | Unreadable]], Iterator[Outcome]]
"""Stores drafts, with one outcome a draft in the order given."""

LOOK_SECONDS = 1.0
LOOK_SHARE = 10
TURN_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Deleted:
    """An article that was deleted since no file gives it any longer."""

    article_id: str


Event = Outcome | Deleted


class Keeper:
    """Keeps a library at what folders and URLs hold.

    Args:
        store: stores drafts.
        delete: deletes articles by their ids.
        follower: follows URLs.
        mirrored: what mirrored folders gave; None where nothing is to be deleted.
        elsewhere: the ids of articles that came from URLs.
    """

    def __init__(
        self,
        store: Store,
        delete: Callable[[list[str]], object],
        follower: Follower,
        mirrored: Journal | None = None,
        elsewhere: Callable[[], set[str]] = set,
    ) -> None:
        self._store = store
        self._delete = delete
        self._follower = follower
        self._mirrored = mirrored
        self._elsewhere = elsewhere
        self._problems: dict[Path, str] = {}

    def folder(self, path: Path) -> Folder:
        """A folder to be looked at; if it is mirrored, with what it held at the last pass."""
        mirror = self._mirror(path)
        return Folder(path, mirror.files() if mirror else ())

    def read_url(self, url: str) -> Iterator[Event]:
        """Store what a URL has."""
        for found in self._follower.follow(url):
            articles: list[str] | None = []
            for outcome in self._store(found.drafts):
                articles = None if articles is None or outcome.article_id is None else [*articles, outcome.article_id]
                yield outcome
            for article_id in found.known:
                yield Outcome(article_id, "unchanged", article_id)
            found.articles = articles

    def read_folder(self, folder: Folder, look: Look) -> Iterator[Event]:
        """Store what a look found in a folder; if it is mirrored, delete what no file gives any longer."""
        articles: dict[str, set[str]] = {file.origin: set() for file in look.ready}
        broken: set[str] = set()
        for file, outcome in self._stored(look.ready):
            if outcome.article_id is None:
                broken.add(file.origin)
            else:
                articles[file.origin].add(outcome.article_id)
            yield outcome
        if mirror := self._mirror(folder.path):
            for origin in broken:
                mirror.add(origin, articles.pop(origin))
            for article_id in mirror.settle(articles, look.gone, self._elsewhere, self._delete):
                yield Deleted(article_id)
        yield from self._problem(folder, look)

    def _stored(self, files: Sequence[File]) -> Iterator[tuple[File, Outcome]]:
        """Store files in one stream, telling of which file each outcome is."""
        owners: deque[File] = deque()

        def drafts() -> Iterator[Draft | Unreadable]:
            for file in files:
                for draft in read_file(*file):
                    owners.append(file)
                    yield draft

        for outcome in self._store(drafts()):
            yield owners.popleft(), outcome

    def _problem(self, folder: Folder, look: Look) -> Iterator[Outcome]:
        """What keeps a folder from being seen whole, told once until it is another thing."""
        reason = look.problem.message if look.problem else ""
        if look.problem and self._problems.get(folder.path) != reason:
            yield Outcome(look.problem.origin, "rejected", error=look.problem)
        self._problems[folder.path] = reason

    def _mirror(self, path: Path) -> Mirror | None:
        return Mirror(self._mirrored, path) if self._mirrored else None

    def watch(
        self,
        folders: Sequence[Folder],
        urls: Sequence[str],
        every: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> Iterator[Iterator[Event]]:
        """Look at folders every second and at URLs every `every` seconds, or when the server says that it may have
        news if that is later. What takes long at a URL waits from time to time, so that folders have their turn.
        Never ends by itself.

        Yields:
            What to do now, where there is something: it is done as its events are taken.
        """
        for folder in folders:
            folder.look()
        if folders:
            sleep(LOOK_SECONDS)
        due = dict.fromkeys(urls, clock())
        reading: dict[str, Iterator[Event]] = {}
        while True:
            began = clock()
            looks = [(folder, folder.look()) for folder in folders]
            # Looking must stay cheap beside everything else, however many files there are.
            pause = max(LOOK_SECONDS, LOOK_SHARE * (clock() - began))
            for folder, look in looks:
                if look != Look([], []):
                    yield self.read_folder(folder, look)
            for url in urls:
                if due[url] <= clock():
                    events = reading.setdefault(url, self.read_url(url))
                    turn = _Turn(events, clock() + TURN_SECONDS, clock)
                    yield iter(turn)
                    if turn.ended:
                        del reading[url]
                        due[url] = clock() + max(every, self._follower.fresh_seconds(url))
            sleep(0 if reading else pause)


class _Turn:
    """Events as far as they come until a moment; the rest stays where it is."""

    def __init__(self, events: Iterator[Event], until: float, clock: Callable[[], float]) -> None:
        self._events = events
        self._until = until
        self._clock = clock
        self.ended = False

    def __iter__(self) -> Iterator[Event]:
        for event in self._events:
            yield event
            if self._clock() >= self._until:
                return
        self.ended = True
