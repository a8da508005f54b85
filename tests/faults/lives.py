"""What a library goes through, step by step, and what it must hold after each: a plain-Python truth to compare with.

Every step is one change that is acknowledged when it returns. However it is cut short, the library must hold what it
held before or what it was to hold after, and the step can be taken again.
"""

from __future__ import annotations

import sqlite3
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from zlib import crc32

import numpy as np

from index.library.contract import Awaited, Entry, Filled, Filters, Library, Vectors
from index.library.local.copying import restore, snapshot
from index.library.local.library import LocalLibrary
from index.library.local.schema import MIGRATIONS
from index.library.opening import open_library
from tests.index.library.samples import entry, unit_vectors

OLD_LIBRARIES = Path(__file__).resolve().parents[1] / "data" / "libraries"
TAIL_ROWS = 12
INVERTED_ROWS = 40
LATER = 3
"""The first old format in which vectors may come later."""
OLD_DIMENSIONS = 32
SIZES = (16, 8)
"""The dimensions of the two models."""
ALL = 10_000
NO_FILTERS = Filters()


@dataclass(frozen=True)
class State:
    """What a library holds: the articles' texts by id, those of them that wait for vectors, and the model in use."""

    texts: Mapping[str, str] = field(default_factory=dict)
    waiting: frozenset[str] = frozenset()
    dimensions: int = SIZES[0]


class Desk:
    """What a process has at hand while it takes steps: a folder with a library in it, and that library once opened."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.folder = home / "library"
        self._library: LocalLibrary | None = None

    @property
    def library(self) -> LocalLibrary:
        """The library, opened when it is first asked for."""
        if self._library is None:
            self._library = opened(self.folder)
        return self._library

    def close(self) -> None:
        """Close the library; the next step opens it again."""
        library, self._library = self._library, None
        if library is not None:
            library.close()


@dataclass(frozen=True)
class Step:
    """One change: how it is made, and what it makes of a state."""

    what: str
    act: Callable[[Desk], object]
    change: Callable[[State], State] = lambda state: state

    @property
    def operation(self) -> str:
        """The kind of operation: the first word of what it is."""
        return self.what.partition(" ")[0]


@dataclass(frozen=True)
class Life:
    """How a home is furnished, what its library holds then (None: there is none), and what happens to it."""

    name: str
    furnish: Callable[[Desk], object]
    before: State | None
    steps: tuple[Step, ...]

    def operation(self, number: int) -> str:
        """The kind of operation that the step of this number is, from 0; after the last one the library is closed."""
        return self.steps[number].operation if number < len(self.steps) else "close"

    def states(self) -> list[State | None]:
        """What the library holds at first and after each step."""
        states = [self.before]
        for step in self.steps:
            states.append(step.change(states[-1] or State()))
        return states


def opened(folder: Path, wait: float = 2) -> LocalLibrary:
    """The library in a folder, which must be there; it makes a main index early, and waits so many seconds for what is
    behind."""
    library = LocalLibrary(folder, tail_rows=TAIL_ROWS, inverted_rows=INVERTED_ROWS, wait=wait)
    try:
        library.prepare()
    except BaseException:
        library.close()
        raise
    return library


# Articles, and the vectors of their passages


def fingerprint(dimensions: int) -> dict[str, object]:
    return {"model": {"name": "hashed sentences", "dimensions": dimensions}}


def sentences(number: int, version: int) -> list[str]:
    return [f"article {number} of version {version} says sentence {at}" for at in range(2)]


def vector_of(sentence: str, dimensions: int) -> Vectors:
    row: Vectors = unit_vectors(1, crc32(sentence.encode()), dimensions)[0]
    return row


def article(number: int, version: int, dimensions: int | None) -> Entry:
    """An article of two passages; its vectors come later when no dimensions are given."""
    says = sentences(number, version)
    rows = None if dimensions is None else np.stack([vector_of(one, dimensions) for one in says])
    return entry(f"a{number}", *says, vectors=rows, later=rows is None, language="en")


def filled(library: Library, dimensions: int, claimed: Sequence[Awaited]) -> None:
    library.fill(
        fingerprint(dimensions),
        [Filled(one.stored.key, one.digest, vector_of(one.stored.passage.text, dimensions)) for one in claimed],
    )


# Steps


def make() -> Step:
    def act(desk: Desk) -> None:
        open_library(desk.folder, create=True).close()

    return Step("make", act, lambda _: State())


def adopt() -> Step:
    return Step("adopt", lambda desk: desk.library.adopt(fingerprint(SIZES[0])))


def close() -> Step:
    return Step("close", Desk.close)


def put(numbers: Iterable[int], version: int, *, later: bool = False, dimensions: int = SIZES[0]) -> Step:
    entries = [article(number, version, None if later else dimensions) for number in numbers]
    texts = {one.article.id: one.article.text for one in entries}

    def change(state: State) -> State:
        waiting = state.waiting | texts.keys() if later else state.waiting - texts.keys()
        return replace(state, texts={**state.texts, **texts}, waiting=waiting)

    return Step(
        f"{'add' if version == 1 else 'replace'} {len(entries)} articles",
        lambda desk: desk.library.put(entries),
        change,
    )


def delete(numbers: Iterable[int]) -> Step:
    names = [f"a{number}" for number in numbers]

    def change(state: State) -> State:
        texts = {name: text for name, text in state.texts.items() if name not in names}
        return replace(state, texts=texts, waiting=state.waiting - set(names))

    return Step(f"delete {len(names)}", lambda desk: desk.library.delete(names), change)


def fill(dimensions: int = SIZES[0]) -> Step:
    def act(desk: Desk) -> None:
        filled(desk.library, dimensions, desk.library.claim(fingerprint(dimensions), ALL, -1))

    return Step("fill what waits", act, lambda state: replace(state, waiting=frozenset()))


def succeed(dimensions: int) -> Step:
    return Step("reembed with another model", lambda desk: desk.library.succeed(fingerprint(dimensions)))


def embed_again(dimensions: int, count: int) -> Step:
    def act(desk: Desk) -> None:
        filled(desk.library, dimensions, desk.library.claim(fingerprint(dimensions), count, -1))

    return Step(f"reembed {count}", act)


def switch(dimensions: int) -> Step:
    def act(desk: Desk) -> None:
        desk.library.switch(fingerprint(dimensions))
        desk.library.adopt(fingerprint(dimensions))

    return Step("switch", act, lambda state: replace(state, dimensions=dimensions))


def forget() -> Step:
    return Step("forget the old vectors", lambda desk: desk.library.forget())


def copy(name: str = "copy") -> Step:
    def act(desk: Desk) -> None:
        if not (desk.home / f"{name}.pincite").exists():  # it was cut short after all was done
            snapshot(desk.folder, desk.home / f"{name}.pincite")

    return Step("snapshot", act)


def bring_back(state: State) -> Step:
    def act(desk: Desk) -> None:
        desk.close()
        restore(desk.home / "copy.pincite", desk.folder, replace=True)

    return Step("restore", act, lambda _: state)


def bring_up_to_date() -> Step:
    return Step("migrate", lambda desk: desk.library.status())


# Lives


def _nothing(desk: Desk) -> None:
    desk.home.mkdir(exist_ok=True)


def _done(*steps: Step) -> Callable[[Desk], None]:
    def furnish(desk: Desk) -> None:
        for step in steps:
            step.act(desk)
        desk.close()

    return furnish


def _state_after(*steps: Step) -> State:
    return Life("", _nothing, None, steps).states()[-1] or State()


def _of_format(number: int) -> Callable[[Desk], None]:
    def furnish(desk: Desk) -> None:
        with zipfile.ZipFile(OLD_LIBRARIES / f"format-{number}.zip") as archive:
            archive.extractall(desk.folder)

    return furnish


def old_state(number: int) -> State:
    """What the library of an old format holds, as SQLite alone sees it."""
    with zipfile.ZipFile(OLD_LIBRARIES / f"format-{number}.zip") as archive:
        content = archive.read("truth.sqlite")
    with closing(sqlite3.connect(":memory:")) as truth:
        truth.deserialize(content[:18] + b"\x01\x01" + content[20:])  # a database in memory has no log beside it
        waiting = "SELECT a.id FROM awaited w JOIN passages p ON p.key = w.key JOIN articles a ON a.key = p.article"
        in_use = " WHERE w.pipeline = (SELECT pipeline FROM library)"
        names = truth.execute(waiting + in_use).fetchall() if number >= LATER else []
        texts = dict(truth.execute("SELECT id, text FROM articles").fetchall())
    return State(texts, frozenset(name for (name,) in names), OLD_DIMENSIONS)


_BEGUN = (make(), adopt(), put(range(6), 1))
_FULL = (*_BEGUN, put(range(6, 12), 1))


def lives() -> dict[str, Life]:
    """All of them by name."""
    begun, full = _state_after(*_BEGUN), _state_after(*_FULL)
    old, new = SIZES
    told = [
        Life("making", _nothing, None, _BEGUN),
        Life(
            "writing",
            _done(*_BEGUN),
            begun,
            (
                put(range(3, 8), 2),
                delete([1, 4]),
                put([20], 1, later=True),
                put(range(3), 3),
                fill(),
                close(),
                delete([0, 2, 20]),
            ),
        ),
        Life(
            "main index",
            _done(*_BEGUN),
            begun,
            (
                put(range(30, 50), 1),
                close(),
                delete(range(30, 38)),
                put(range(40, 60), 2),
                close(),
                put(range(60, 75), 1),
                close(),
            ),
        ),
        Life("snapshot", _done(*_FULL), full, (put([2], 2), copy(), put([3], 2), copy("later"))),
        Life(
            "restore",
            _done(*_FULL, copy(), put([0, 30], 2)),
            _state_after(*_FULL, put([0, 30], 2)),
            (bring_back(full), put([1], 4)),
        ),
        Life(
            "reembed",
            _done(*_FULL),
            full,
            (
                succeed(new),
                embed_again(new, 10),
                put([2, 40], 2),
                embed_again(new, ALL),
                switch(new),
                put([50], 1, dimensions=new),
                embed_again(old, ALL),
                switch(old),
                forget(),
                close(),
            ),
        ),
    ]
    told += [
        Life(
            f"migration from {number}",
            _of_format(number),
            old_state(number),
            (bring_up_to_date(), put([1, 2], 1, later=True), delete([1])),
        )
        for number in range(1, len(MIGRATIONS))
    ]
    return {one.name: one for one in told}
