"""`pincite index`: files, folders and URLs go into the library, once or until stopped.

Opens the service and prints; what is read, followed and kept current is decided in `index`.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any, Self

import typer

from api.cli import printing
from api.cli.opening import connected
from api.cli.output import messages, output
from api.cli.periods import seconds
from api.cli.progress import index_progress
from api.cli.uploading import stored, uploaded
from api.failures import EXIT_FAILED, EXIT_REJECTED, shape_of
from api.service import Service
from api.settings import Settings
from index.articles.readers import read_paths
from index.errors import InvalidInput
from index.ingest import Outcome, Summary
from index.journal import Journal
from index.watching.keeper import Deleted, Event, Keeper
from index.web.addresses import Allowed
from index.web.fetching import Fetcher
from index.web.following import MOST_PAGES, Follower
from index.web.politeness import Pace
from index.web.urls import is_url
from index.web.visiting import Visitor
from index.web.visits import Visits

PROCESSES = os.cpu_count() or 1


def index(
    context: typer.Context,
    paths: Annotated[
        list[str] | None,
        typer.Argument(help="Files, folders, web addresses, and patterns such as 'a/*.html'; - is standard input."),
    ] = None,
    with_samples: Annotated[
        bool, typer.Option("--samples", help="The sample articles that come with Pincite, about invented places.")
    ] = False,
    pages: Annotated[
        int, typer.Option(min=1, help="How many pages of a sitemap are read, the newest first.")
    ] = MOST_PAGES,
    watch: Annotated[
        bool, typer.Option("--watch", help="Go on with what changes in folders and at web addresses, until Ctrl+C.")
    ] = False,
    every: Annotated[str, typer.Option(help="How often --watch reads web addresses: 30s, 15m, 2h, 1d.")] = "15m",
    mirror: Annotated[
        bool, typer.Option("--mirror", help="Delete the articles of files that are gone from the folders.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON; with --watch, one line a pass.")] = False,
) -> None:
    """Store articles. What is there already costs nothing; what changed is replaced.

    Reads text, Markdown, HTML, saved pages (MHTML), JSON, JSON Lines, RSS, Atom, JSON Feed, PDF, Word, EPUB and WARC;
    also ZIP and gzip of these.

    At a web address: a page or document, a feed with the pages of its entries, a sitemap with its pages.

    \b
    Examples:
      pincite index --samples
      pincite index articles/ notes.md
      pincite index https://gazette.example/rss
      pincite index --pages 2000 https://gazette.example/sitemap.xml
      pincite index --mirror articles/
      pincite index --watch --every 5m articles/ https://gazette.example/rss
    """  # noqa: D301 (\b tells click to keep the lines)
    pause = seconds(every, "every")
    paths = [*(paths or []), *([str(samples())] if with_samples else [])]
    if not paths:
        raise InvalidInput("Name files, folders or web addresses to index, or --samples to try it out.", field="paths")
    if context.obj.server:
        if watch or mirror:
            raise InvalidInput("--watch and --mirror go with a library in a folder, not with a server.", field="server")
        _finish(_sent(context.obj, paths, pages), as_json=as_json)
        return
    folders = _folders(paths) if watch or mirror else []
    with Service.open(context.obj, create=True) as service:
        if watch:
            keeper = _keeper(service, context.obj, pages, mirror=mirror)
            _watch(keeper, folders, list(filter(is_url, paths)), pause, as_json=as_json)
            return
        with index_progress(messages) as progress, _stopped_softly(service):
            keeper = _keeper(service, context.obj, pages, mirror=mirror, on_embedded=progress.on_embedded)
            files = partial(_store_files, service, progress.on_embedded)
            done = _Done.of(_events(keeper, paths, folders, files), progress.on_article)
            progress.on_waiting(service.library.waiting())
            service.finish()
    _finish(done, as_json=as_json)


def samples() -> Path:
    """The folder of sample articles: in the installed package, or `seeds` of a checkout."""
    rooms = (Path(__file__).parents[2], Path(__file__).parents[3])
    return next(room / "seeds" for room in rooms if (room / "seeds").is_dir())


def _finish(done: _Done, *, as_json: bool) -> None:
    done.print(as_json=as_json, indent=2)
    if done.summary.rejected:
        raise typer.Exit(EXIT_REJECTED)


def _sent(settings: Settings, paths: Sequence[str], pages: int) -> _Done:
    """What was done by a server, which remembers no visits: URLs are asked for anew."""
    with connected(settings) as pincite, index_progress(messages) as progress:
        follower = _follower(settings, Visits(Journal(None)), pages, held=lambda _: False)
        keeper = Keeper(stored(pincite), lambda ids: pincite.delete(*ids), follower)
        events = _events(keeper, paths, [], lambda files: uploaded(pincite, files, progress.on_embedded))
        return _Done.of(events, progress.on_article)


def _store_files(service: Service, on_embedded: Callable[[int], None], files: Iterable[str]) -> Iterator[Outcome]:
    return service.store(read_paths(files), on_embedded, PROCESSES)


def store(service: Service, paths: Iterable[str | Path]) -> Summary:
    """Store what is in files and folders, showing how far it is."""
    with index_progress(messages) as progress:
        outcomes = service.store_with_vectors(read_paths(paths), progress.on_embedded, PROCESSES)
        return _Done.of(outcomes, progress.on_article).summary


@contextmanager
def _stopped_softly(service: Service) -> Iterator[None]:
    """Ctrl+C loses nothing: tell what is stored, and how to go on."""
    _heed_signals()
    try:
        yield
    except KeyboardInterrupt:
        messages.print("Stopping, once the passages in hand have their vectors.")
        service.rest()
        waiting = service.library.waiting()
        messages.print(
            f"Stopped. What was stored stays; {waiting:,} of its passages wait for their vectors, and only words find "
            "them. The same command again goes on, and so does pincite serve."
        )
        raise typer.Exit(EXIT_FAILED) from None


@dataclass(slots=True)
class _Done:
    """What was done in one pass."""

    summary: Summary = field(default_factory=Summary)
    deleted: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, events: Iterable[Event], on_article: Callable[[int], None] = lambda _: None) -> Self:
        """All that happens, once it has happened."""
        done = cls()
        for event in events:
            if isinstance(event, Deleted):
                done.deleted.append(event.article_id)
            else:
                done.summary.add(event)
                on_article(event.passages)
        return done

    @property
    def news(self) -> bool:
        """Whether anything is other than it was."""
        return bool(self.deleted) or any(number for fate, number in self.summary.counts.items() if fate != "unchanged")

    def print(self, *, as_json: bool, indent: int | None = None) -> None:
        """Print it for people, or as one JSON object."""
        if as_json:
            sys.stdout.write(json.dumps(self._as_dict(), ensure_ascii=False, indent=indent) + "\n")
            sys.stdout.flush()
            return
        for line in printing.summary_lines(self.summary):
            output.print(line, markup=False)
        for article_id in self.deleted:
            output.print(f"deleted: {article_id}", markup=False)

    def _as_dict(self) -> dict[str, Any]:
        found = {"counts": self.summary.counts, "passages": self.summary.passages}
        rejected = [
            {"origin": one.origin, "error": shape_of(one.error)["error"]} for one in self.summary.rejected if one.error
        ]
        return {**found, "rejected": rejected, "deleted": self.deleted}


def _keeper(
    service: Service,
    settings: Settings,
    pages: int,
    *,
    mirror: bool,
    on_embedded: Callable[[int], None] | None = None,
) -> Keeper:
    """What reads folders and URLs into the service's library. What it remembers lies in the library's folder; of a
    library without one nothing is remembered, and web addresses are read anew."""
    folder = Path(settings.library) if "://" not in settings.library else None
    if mirror and folder is None:
        message = "--mirror needs a library in a folder, where it keeps which file is which article."
        raise InvalidInput(message, field="mirror")
    visits = Visits(Journal(folder and folder / "visits.jsonl"))
    follower = _follower(
        settings, visits, pages, held=lambda articles: len(service.library.digests(articles)) == len(set(articles))
    )
    return Keeper(
        lambda drafts: service.store(drafts, on_embedded, PROCESSES),
        service.delete,
        follower,
        mirrored=Journal(folder / "mirrored.jsonl") if mirror and folder else None,
        elsewhere=visits.articles,
    )


def _follower(settings: Settings, visits: Visits, pages: int, held: Callable[[Sequence[str]], bool]) -> Follower:
    fetcher = Fetcher(Allowed.parsed(settings.private_hosts, "PINCITE_PRIVATE_HOSTS"))
    visitor = Visitor(fetcher, Pace(settings.seconds_per_request))
    return Follower(visitor, visits, held, lambda line: messages.print(line, markup=False), pages)


def _events(
    keeper: Keeper,
    paths: Sequence[str],
    folders: Sequence[Path],
    store_files: Callable[[Iterable[str]], Iterator[Outcome]],
) -> Iterator[Event]:
    """What happens to each thing that is named, in the order given; files and folders that follow are one stream."""
    for are_urls, named in groupby(paths, is_url):
        if are_urls:
            for url in named:
                yield from keeper.read_url(url)
        elif folders:
            for folder in map(keeper.folder, map(Path, named)):
                yield from keeper.read_folder(folder, folder.look(settled=False))
        else:
            yield from store_files(named)


def _heed_signals() -> None:
    """End softly when asked to end, also in the background of a shell, which lets its commands ignore Ctrl+C."""
    for asked in (signal.SIGINT, signal.SIGTERM):
        signal.signal(asked, signal.default_int_handler)


def _watch(keeper: Keeper, folders: Sequence[Path], urls: Sequence[str], every: float, *, as_json: bool) -> None:
    """Go on until somebody stops it, which is no failure."""
    _heed_signals()
    messages.print(f"Watching {', '.join([*map(str, folders), *urls])} (Ctrl+C stops it)", markup=False)
    try:
        for events in keeper.watch([*map(keeper.folder, folders)], urls, every):
            done = _Done.of(events)
            if done.news:
                done.print(as_json=as_json)
    except KeyboardInterrupt:
        messages.print("Stopped; all that was told is stored.")


def _folders(paths: Iterable[str]) -> list[Path]:
    """The folders among what is to be watched or mirrored, which must be folders and web addresses only."""
    folders = [Path(path) for path in paths if not is_url(path)]
    for folder in folders:
        if not folder.is_dir():
            raise InvalidInput(
                f"{folder} is no folder. --watch and --mirror take folders, and web addresses; nothing was changed.",
                field="paths",
            )
    return folders
