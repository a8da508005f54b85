"""`pincite index`: URLs, --mirror and --watch; against a real site, and with a real process where one is watched."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest

from index.embedding.catalogue import SMALL_EMBEDDER
from tests.api.command import Run
from tests.index.web.website import Site

PAGE = (
    "<!doctype html><html><head><title>{0}</title></head><body><article><h1>{0}</h1>"
    "<p>The harbour bridge closes in March, says {0}.</p></article></body></html>"
)
RSS = "<rss version='2.0'><channel><title>Gazette</title>{0}</channel></rss>"
ITEM = "<item><title>{0}</title><link>/{0}</link><description>A summary of {0}.</description></item>"


@pytest.fixture
def allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PINCITE_PRIVATE_HOSTS", "127.0.0.1")
    monkeypatch.setenv("PINCITE_SECONDS_PER_REQUEST", "0")


@pytest.fixture
def news(tmp_path: Path) -> Path:
    (tmp_path / "news").mkdir()
    (tmp_path / "news" / "a.txt").write_text("The ferry sails every hour.")
    return tmp_path / "news"


@pytest.mark.model
def test_the_samples_are_there_to_try_it_out(run: Run) -> None:
    assert run("index", "--samples") == 0
    assert run("search", "Why is Ukraine not ready for peace talks?", "--json") == 0
    assert run.json()["hits"][0]["citation"]["source"] == "The Harbour Gazette"
    assert run("index", "--samples", "--json") == 0
    counts = run.json()["counts"]
    assert (counts["added"], counts["rejected"]) == (0, 0)
    assert counts["unchanged"] > 20


def test_without_anything_to_index_the_command_says_what_it_takes(run: Run) -> None:
    assert run("index") == 2
    assert "Name files, folders or web addresses to index, or --samples to try it out." in run.err


@pytest.mark.model
def test_loopback_is_a_named_rejection_unless_it_is_allowed(run: Run, site: Site) -> None:
    site.put("/bridge", PAGE.format("Bridge"))
    url = site.url("/bridge", "127.0.0.1")
    assert run("index", url) == 3
    assert "Articles: 1 rejected." in run.out
    assert f"rejected: {url}: 127.0.0.1 is 127.0.0.1, which is no public address; if it is meant, allow it" in run.out
    assert site.requests == []


@pytest.mark.model
@pytest.mark.usefixtures("allowed")
def test_urls_files_and_sitemaps_in_one_command(run: Run, site: Site, news: Path) -> None:
    for name in ("One", "Two", "Three"):
        site.put(f"/{name}", PAGE.format(name), ETag=f'"{name}"')
    site.put("/rss", RSS.format(ITEM.format("One")), ETag='"1"')
    listed = "".join(f"<url><loc>{site.url(f'/{name}', '127.0.0.1')}</loc></url>" for name in ("One", "Two", "Three"))
    site.put("/sitemap.xml", f"<urlset>{listed}</urlset>")
    rss, sitemap, missing = (site.url(path, "127.0.0.1") for path in ("/rss", "/sitemap.xml", "/missing"))
    assert run("index", "--pages", "2", rss, news, sitemap, missing, "--json") == 3
    told = run.json()
    assert told["counts"] == {"added": 3, "updated": 0, "unchanged": 1, "superseded": 0, "rejected": 1}
    assert told["rejected"][0]["origin"] == missing
    assert told["rejected"][0]["error"]["detail"]["reason"] == "the server answers 404 (Not Found)"
    assert told["deleted"] == []
    assert run.err == f"{sitemap} lists 3 pages; the newest 2 are read. --pages sets another number.\n"

    assert run("index", rss) == 0
    assert run.out == "Articles: 1 unchanged. Passages embedded or reused: 0.\n"
    assert site.paths[-1] == "/rss"
    assert run("search", "When does the bridge close?", "--json") == 0
    assert run.json()["hits"][0]["citation"]["url"].startswith(site.url("/", "127.0.0.1"))


@pytest.mark.model
def test_nothing_is_reached_where_no_url_was_given(run: Run, news: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object) -> None:
        pytest.fail(f"the network was asked for {arguments}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert run("index", "--mirror", news) == 0
    assert run.out == "Articles: 1 added. Passages embedded or reused: 1.\n"


@pytest.mark.model
def test_mirror_deletes_what_is_gone(run: Run, news: Path) -> None:
    (news / "b.txt").write_text("The bridge stays open.")
    assert run("index", "--mirror", news) == 0
    (news / "a.txt").unlink()
    assert run("index", news) == 0
    assert "deleted" not in run.out
    assert run("index", "--mirror", news) == 0
    assert run.out.splitlines() == [
        "Articles: 1 unchanged. Passages embedded or reused: 0.",
        "deleted: news/a.txt",
    ]
    (news / "b.txt").unlink()
    assert run("index", "--mirror", news) == 3
    assert f"{news}: it is empty, and was not before; so nothing of it is deleted." in run.out
    assert run("status", "--json") == 0
    assert run.json()["articles"] == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--mirror", "no-such-folder"], "no-such-folder is no folder. --watch and --mirror take folders, and web"),
        (["--watch", __file__], "is no folder. --watch and --mirror take folders, and web addresses; nothing was"),
        (["--watch", "-"], "- is no folder."),
        (["--every", "soon", "x"], "--every is 'soon'; give a time such as 30s, 15m, 2h or 1d."),
        (["--every", "0m", "x"], "--every is '0m'"),
        (["--pages", "0", "x"], "--pages"),
    ],
)
def test_what_makes_no_sense_is_said_before_anything_is_done(run: Run, arguments: list[str], message: str) -> None:
    assert run("index", *arguments) == 2
    assert message in run.err
    assert run("status") == 1


@pytest.mark.parametrize(
    ("variable", "value", "message"),
    [
        ("PINCITE_PRIVATE_HOSTS", "http://wiki", "PINCITE_PRIVATE_HOSTS holds 'http://wiki', which is no host"),
        ("PINCITE_SECONDS_PER_REQUEST", "-1", "PINCITE_SECONDS_PER_REQUEST is '-1'; it must be a number from 0 to"),
        ("PINCITE_SECONDS_PER_REQUEST", "soon", "PINCITE_SECONDS_PER_REQUEST is 'soon'; it must be a number"),
    ],
)
def test_settings_that_make_no_sense_are_named(
    run: Run, monkeypatch: pytest.MonkeyPatch, variable: str, value: str, message: str
) -> None:
    monkeypatch.setenv(variable, value)
    assert run("index", "http://gazette.example/") == 2
    assert message in run.err


def test_help_teaches_by_examples(run: Run) -> None:
    assert run("index", "--help") == 0
    for line in ("pincite index articles/ notes.md", "pincite index --watch --every 5m articles/ https://"):
        assert line in run.out


@pytest.fixture
def watching(tmp_path: Path, news: Path, site: Site) -> Iterator[subprocess.Popen[str]]:
    """A running `pincite index --watch` of a folder and a feed."""
    environment = os.environ | {
        "PINCITE_LIBRARY": str(tmp_path / "library"),
        "PINCITE_MODEL": SMALL_EMBEDDER,
        "PINCITE_PRIVATE_HOSTS": "127.0.0.1",
        "PINCITE_SECONDS_PER_REQUEST": "0",
        "OMP_NUM_THREADS": "1",
    }
    site.put("/rss", RSS.format(ITEM.format("One")), ETag='"1"')
    site.put("/One", PAGE.format("One"))
    rss = site.url("/rss", "127.0.0.1")
    command = [
        sys.executable,
        "-m",
        "api.cli",
        "index",
        "--watch",
        "--mirror",
        "--every",
        "1s",
        "--json",
        str(news),
        rss,
    ]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


def passes(lines: IO[str]) -> Iterator[dict[str, object]]:
    """What each pass did, without what was zero."""
    for line in lines:
        told = json.loads(line)
        counts = {fate: number for fate, number in told["counts"].items() if number and fate != "unchanged"}
        yield counts | ({"deleted": told["deleted"]} if told["deleted"] else {})


@pytest.mark.model
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_a_folder_and_a_feed_are_watched_until_somebody_stops_it(
    watching: subprocess.Popen[str], news: Path, site: Site, how: signal.Signals, run: Run
) -> None:
    assert watching.stdout is not None
    told = passes(watching.stdout)
    assert [next(told), next(told)] == [{"added": 1}, {"added": 1}]
    (news / "b.txt").write_text("The bridge stays open.")
    assert next(told) == {"added": 1}
    (news / "b.txt").write_text("The bridge is closed after all.")
    assert next(told) == {"updated": 1}
    (news / "b.txt").rename(news / "c.txt")
    assert next(told) == {"added": 1, "deleted": ["news/b.txt"]}
    (news / "c.txt").unlink()
    assert next(told) == {"deleted": ["news/c.txt"]}
    site.put("/Two", PAGE.format("Two"))
    site.put("/rss", RSS.format(ITEM.format("One") + ITEM.format("Two")), ETag='"2"')
    assert next(told) == {"added": 1}
    watching.send_signal(how)
    output, messages = watching.communicate(timeout=60)
    assert (watching.returncode, output) == (0, ""), messages
    assert messages.startswith("Watching ")
    assert messages.endswith("Stopped; all that was told is stored.\n")
    assert run("status", "--json") == 0
    assert run.json()["articles"] == 3
