"""Folders and URLs kept current in a real library, and what a mirroring pass may delete."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from index.articles.article import Draft
from index.embedding.hashing import HashingEmbedder
from index.ingest import Outcome, ingest
from index.journal import Journal
from index.library.contract import Library
from index.library.opening import open_library
from index.watching.keeper import TURN_SECONDS, Deleted, Event, Keeper
from index.web.fetching import Fetcher, Limits
from index.web.following import Follower
from index.web.politeness import Pace
from index.web.visiting import Visitor
from index.web.visits import Visits
from tests.index.web.website import LOOPBACK, Clock, Names, Site


class Desk:
    """A library with what keeps it current. `keeper` is a new one each time, as in a new process."""

    def __init__(self, folder: Path, library: Library, clock: Clock) -> None:
        self.folder, self.library, self.clock = folder, library, clock
        self.embedder = HashingEmbedder()

    def keeper(self, *, mirror: bool = True) -> Keeper:
        visits = Visits(Journal(self.folder / "visits.jsonl"))
        names = Names(gazette_example=["127.0.0.1"])
        visitor = Visitor(Fetcher(LOOPBACK, Limits(), names), Pace(0.0, self.clock, self.clock.sleep), self.clock)
        return Keeper(
            lambda drafts: ingest(drafts, self.library, self.embedder),
            self.library.delete,
            Follower(visitor, visits, lambda ids: len(self.library.digests(ids)) == len(ids), print),
            mirrored=Journal(self.folder / "mirrored.jsonl") if mirror else None,
            elsewhere=visits.articles,
        )

    def read(self, *paths: Path, mirror: bool = True) -> dict[str, list[str]]:
        """One pass over folders: ids by what became of them, and messages of rejections."""
        keeper = self.keeper(mirror=mirror)
        folders = [keeper.folder(path) for path in paths]
        return told(event for folder in folders for event in keeper.read_folder(folder, folder.look(settled=False)))

    @property
    def ids(self) -> set[str]:
        with self.library.snapshot() as snapshot:
            return {article.id for article in snapshot.articles(None, 1000)}


def told(events: Iterator[Event]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for event in events:
        if isinstance(event, Deleted):
            found.setdefault("deleted", []).append(event.article_id)
        else:
            found.setdefault(event.fate, []).append(event.article_id or (event.error.message if event.error else ""))
    return found


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def desk(tmp_path: Path, clock: Clock) -> Iterator[Desk]:
    with closing(open_library(tmp_path / "library", create=True)) as library:
        yield Desk(tmp_path / "library", library, clock)


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.close()


def write(folder: Path, name: str, *rows: str, **article: str) -> Path:
    """A file of one text, or of several articles with these ids."""
    folder.mkdir(exist_ok=True, parents=True)
    lines = [json.dumps({"id": row, "text": f"This is what {row} tells."}) for row in rows]
    if article:
        lines = [json.dumps({"text": f"This is what {name} tells.", **article})]
    (folder / name).write_text("\n".join(lines) or f"This is what {name} tells.")
    return folder / name


@pytest.fixture
def news(tmp_path: Path) -> Path:
    write(tmp_path / "news", "a.txt")
    write(tmp_path / "news", "b.json", url="https://gazette.example/b")
    write(tmp_path / "news", "rows.jsonl", "r1", "r2")
    return tmp_path / "news"


ALL = {"news/a.txt", "https://gazette.example/b", "r1", "r2"}


def test_without_mirror_nothing_is_ever_deleted(desk: Desk, news: Path) -> None:
    assert desk.read(news, mirror=False) == {"added": ["news/a.txt", "https://gazette.example/b", "r1", "r2"]}
    (news / "a.txt").unlink()
    assert desk.read(news, mirror=False) == {"unchanged": ["https://gazette.example/b", "r1", "r2"]}
    assert desk.ids == ALL
    assert not (desk.folder / "mirrored.jsonl").exists()


def test_a_deleted_file_deletes_its_articles_whatever_their_ids(desk: Desk, news: Path) -> None:
    desk.read(news)
    (news / "b.json").unlink()
    (news / "rows.jsonl").unlink()
    assert desk.read(news) == {"unchanged": ["news/a.txt"], "deleted": ["https://gazette.example/b", "r1", "r2"]}
    assert desk.ids == {"news/a.txt"}
    assert desk.read(news) == {"unchanged": ["news/a.txt"]}


def test_a_row_that_is_gone_deletes_its_article(desk: Desk, news: Path) -> None:
    desk.read(news)
    write(news, "rows.jsonl", "r2", "r3")
    assert desk.read(news)["deleted"] == ["r1"]
    assert desk.ids == (ALL | {"r3"}) - {"r1"}


def test_a_renamed_file_keeps_or_moves_its_article(desk: Desk, news: Path) -> None:
    desk.read(news)
    (news / "a.txt").rename(news / "z.txt")
    (news / "b.json").rename(news / "y.json")
    found = desk.read(news)
    assert (found["added"], found["deleted"]) == (["news/z.txt"], ["news/a.txt"])
    assert desk.ids == (ALL | {"news/z.txt"}) - {"news/a.txt"}


def test_articles_that_another_file_folder_or_url_gave_stay(desk: Desk, news: Path, tmp_path: Path, site: Site) -> None:
    write(news, "twice.jsonl", "r2")
    other = write(tmp_path / "other", "rows.jsonl", "r1").parent
    site.put("/b.json", json.dumps({"text": "This is what b tells.", "url": "https://gazette.example/b"}))
    desk.read(news, other)
    told(desk.keeper().read_url(site.url("/b.json")))
    for name in ("b.json", "rows.jsonl", "a.txt"):
        (news / name).unlink()
    assert desk.read(news) == {"unchanged": ["r2"], "deleted": ["news/a.txt"]}
    (other / "rows.jsonl").unlink()
    write(other, "x.txt")
    assert desk.read(other) == {"added": ["other/x.txt"], "deleted": ["r1"]}


def test_articles_that_no_file_gave_are_never_deleted(desk: Desk, news: Path) -> None:
    drafts = [
        Draft(name, f"This is {name}, sent by somebody.", id=name) for name in ("sent", "news/sent.txt", "news/a.txtx")
    ]
    list(ingest(drafts, desk.library, desk.embedder))
    desk.read(news)
    (news / "a.txt").unlink()
    assert desk.read(news)["deleted"] == ["news/a.txt"]
    assert desk.ids >= {"sent", "news/sent.txt", "news/a.txtx"}


def test_two_folders_of_one_name_do_not_mix(desk: Desk, news: Path, tmp_path: Path) -> None:
    desk.read(news)
    namesake = write(tmp_path / "elsewhere" / "news", "c.txt").parent
    assert desk.read(namesake) == {"added": ["news/c.txt"]}
    assert desk.ids == ALL | {"news/c.txt"}


def test_what_was_read_before_mirroring_began_is_not_deleted(desk: Desk, news: Path) -> None:
    desk.read(news, mirror=False)
    (news / "a.txt").unlink()
    assert "deleted" not in desk.read(news)
    assert desk.ids == ALL


@pytest.mark.parametrize("left", ["nothing", "an empty folder"])
def test_a_folder_that_vanished_whole_deletes_nothing(desk: Desk, news: Path, left: str) -> None:
    desk.read(news)
    shutil.rmtree(news)
    if left == "an empty folder":
        news.mkdir()
    (rejection,) = desk.read(news)["rejected"]
    assert "so nothing of " in rejection
    assert desk.ids == ALL


def test_a_file_that_can_no_longer_be_read_keeps_its_articles(desk: Desk, news: Path) -> None:
    desk.read(news)
    (news / "rows.jsonl").write_text('{"id": "r3", "text": "This is new."}\n{"broken')
    found = desk.read(news)
    assert (found["added"], len(found["rejected"])) == (["r3"], 1)
    assert "deleted" not in found
    write(news, "rows.jsonl", "r1")
    assert desk.read(news)["deleted"] == ["r2", "r3"]


def test_nothing_is_forgotten_when_a_pass_is_cut_short(desk: Desk, news: Path) -> None:
    desk.read(news)
    (news / "a.txt").unlink()
    write(news, "c.txt")
    keeper = desk.keeper()
    folder = keeper.folder(news)
    events = keeper.read_folder(folder, folder.look(settled=False))
    next(events)
    events.close()  # type: ignore[attr-defined]
    assert "news/a.txt" in desk.ids
    assert desk.read(news)["deleted"] == ["news/a.txt"]


def watched(
    desk: Desk, clock: Clock, keeper: Keeper, *paths: Path, urls: tuple[str, ...] = (), every: float = 60.0
) -> Iterator[dict[str, list[str]]]:
    """What happens, pass by pass."""
    folders = [keeper.folder(path) for path in paths]
    for events in keeper.watch(folders, urls, every, clock, clock.sleep):
        yield told(events)


def test_a_watched_folder_is_kept_current(desk: Desk, news: Path, clock: Clock) -> None:
    passes = watched(desk, clock, desk.keeper(), news)
    assert next(passes) == {"added": ["news/a.txt", "https://gazette.example/b", "r1", "r2"]}
    write(news, "c.txt")
    (news / "a.txt").write_text("This is what it tells now.")
    assert next(passes) == {"updated": ["news/a.txt"], "added": ["news/c.txt"]}
    (news / "a.txt").unlink()
    assert next(passes) == {"deleted": ["news/a.txt"]}
    kept = news.rename(news.with_name("moved"))
    (rejection,) = next(passes)["rejected"]
    assert rejection == f"news: No such file or directory; so nothing of {news} is deleted"
    kept.rename(news)
    write(news, "d.txt")
    assert next(passes) == {"added": ["news/d.txt"]}
    assert desk.ids == (ALL | {"news/c.txt", "news/d.txt"}) - {"news/a.txt"}


def test_watched_urls_are_read_when_it_is_time(desk: Desk, site: Site, clock: Clock) -> None:
    site.put("/often", "This is what it tells.")
    site.put("/seldom", "This stays.", Cache_Control="max-age=300", ETag='"1"')
    passes = watched(desk, clock, desk.keeper(), urls=(site.url("/often"), site.url("/seldom")))
    began = clock.now
    assert [next(passes), next(passes)] == [{"added": [site.url("/often")]}, {"added": [site.url("/seldom")]}]
    site.put("/often", "This is what it tells now.")
    assert next(passes) == {"updated": [site.url("/often")]}
    assert clock.now - began == 60.0
    found = [next(passes) for _ in range(5)]
    assert found == [*[{"unchanged": [site.url("/often")]}] * 4, {"unchanged": [site.url("/seldom")]}]
    assert clock.now - began == 300.0
    assert site.requests[-1][1]["if-none-match"] == '"1"'


def test_a_long_feed_does_not_keep_folders_waiting(desk: Desk, site: Site, news: Path, clock: Clock) -> None:
    links = [site.url(f"/{number}") for number in range(3)]
    for number in range(3):
        site.put(f"/{number}", f"This is what page {number} tells.")
    urls = "".join(f"<url><loc>{link}</loc></url>" for link in links)
    site.put("/map.xml", f"<urlset>{urls}</urlset>", Content_Type="application/xml")
    folder = desk.keeper().folder(news)
    keeper = desk.keeper()
    passes = keeper.watch([folder], [site.url("/map.xml")], 60.0, clock, clock.sleep)
    told(next(passes))
    first = next(passes)
    assert next(first) == Outcome(links[0], "added", links[0], passages=1)
    clock.sleep(TURN_SECONDS)
    assert list(first) == []
    write(news, "c.txt")
    second = next(passes)
    assert next(second) == Outcome(links[1], "added", links[1], passages=1)
    clock.sleep(TURN_SECONDS)
    assert list(second) == []
    assert told(next(passes)) == {"added": ["news/c.txt"]}
    assert told(next(passes)) == {"added": [links[2]]}


def test_an_outcome_is_told_of_each_article_that_is_known(desk: Desk, site: Site) -> None:
    site.put("/", "This is what it tells.", ETag='"1"')
    url = site.url("/")
    told(desk.keeper().read_url(url))
    assert list(desk.keeper().read_url(url)) == [Outcome(url, "unchanged", url)]
