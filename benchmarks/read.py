"""How much of an article is read, and how much else: Pincite beside trafilatura alone, in one run.

Pages and gold texts are those of Zyte's article-extraction-benchmark, kept beside the checkout. The measure is its
authors': 4-grams of words as a bag, normalised per page, precision and recall averaged over pages.
Titles and dates are measured against labels that were made by hand (see docs/articles.md), and how much cleaning takes
out of texts that are nothing but text against those texts. ``--stream-gb 1`` measures memory instead.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import os
import re
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import cycle, islice
from pathlib import Path
from statistics import mean, median
from typing import Any, NamedTuple

import trafilatura

from index.articles.article import Article, Draft
from index.articles.characters import fold_space
from index.articles.many import FEW, Cleaned, clean_many, tried
from index.articles.readers import read_bytes, read_paths

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT.parent / "shared/data/html_zyte"
LABELS = ROOT / "benchmarks/read_labels.jsonl"
RESULTS = ROOT / "benchmarks/results"
PROCESSES = 2
ROUNDS = 3
SHINGLE_WORDS = 4
OWN_TEXTS = ("xquad/en", "xquad/tr", "xquad/de", "xquad/es", "xquad/zh", "squad20_dev_articles", "nq_mini")
GIGABYTE = 10**9

_WORD = re.compile(r"\w+")


class Figures(NamedTuple):
    """Precision, recall and their harmonic mean, averaged over pages."""

    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """The harmonic mean of the two averages, as the set's authors compute it."""
        return 2 * self.precision * self.recall / (self.precision + self.recall)


def shingles(text: str) -> Counter[tuple[str, ...]]:
    """The 4-grams of a text's words as a bag; a shorter text is one shingle."""
    words = _WORD.findall(text)
    grams = (tuple(words[start : start + SHINGLE_WORDS]) for start in range(max(1, len(words) - SHINGLE_WORDS + 1)))
    return Counter(gram for gram in grams if gram)


def precision_recall(gold: str, found: str) -> Figures:
    """How much of what was found is right, and how much of what is right was found."""
    right, given = shingles(gold), shingles(found)
    common = (right & given).total()
    return Figures(common / given.total() if given else 0.0, common / right.total() if right else 1.0)


def averaged(pages: Iterable[Figures]) -> Figures:
    """The mean over pages."""
    every = list(pages)
    return Figures(mean(page.precision for page in every), mean(page.recall for page in every))


def page_ids() -> list[str]:
    """The pages' names, in order."""
    return sorted(path.name.removesuffix(".html.gz") for path in (PAGES / "html").iterdir())


def page_bytes(page: str) -> bytes:
    """A page as it was saved."""
    return gzip.decompress((PAGES / "html" / f"{page}.html.gz").read_bytes())


def gold_texts() -> dict[str, str]:
    """The texts that people marked as each page's article."""
    with gzip.open(PAGES / "gold.jsonl.gz", "rt", encoding="utf-8") as lines:
        return {record["_id"]: record["articleBody"] for record in map(json.loads, lines)}


def draft(page: str) -> Draft:
    """A page as Pincite's reader sees it."""
    (seen,) = read_bytes(page_bytes(page), f"{page}.html")
    assert isinstance(seen, Draft)
    return seen


def article(page: str) -> Article | None:
    """What Pincite makes of a page; None when it is rejected."""
    found = tried(draft(page))
    return found if isinstance(found, Article) else None


def text_of(found: Cleaned) -> str:
    """The article's text as Pincite stores it; none when the page is rejected."""
    return found.text if isinstance(found, Article) else ""


class Turn(NamedTuple):
    """What a reader made of the pages, and the seconds it took: by the clock, and of this process's own work."""

    texts: list[str]
    seconds: float
    work: float


def timed(texts: Iterator[str]) -> Turn:
    """Have the texts, and tell how long it took."""
    clock, work = time.perf_counter(), time.process_time()
    return Turn(list(texts), time.perf_counter() - clock, time.process_time() - work)


def by_trafilatura(pages: list[str]) -> Turn:
    """Trafilatura alone with its defaults but for comments, in this process."""
    htmls = (page_bytes(page).decode("utf-8", "replace") for page in pages)
    return timed(trafilatura.extract(html, include_comments=False) or "" for html in htmls)


def by_one(pages: list[str]) -> Turn:
    """Pincite in this process."""
    return timed(text_of(tried(draft(page))) for page in pages)


def by_many(pages: list[str]) -> Turn:
    """Pincite as `pincite index` reads with two other processes, once both have started and read some pages of all
    kinds, as the one process of the other readers has after its first turn."""
    first = list(islice(cycle(pages), FEW + len(pages)))
    cleaned = clean_many(map(draft, [*first, *pages]), PROCESSES)
    for _ in first:
        next(cleaned)
    return timed(text_of(found) for _, found in cleaned)


READERS = {("trafilatura", 1): by_trafilatura, ("pincite", 1): by_one, ("pincite", PROCESSES): by_many}


def text_rows() -> Iterator[dict[str, object]]:
    """One row for each reader and each part of the pages; the readers take turns."""
    pages, gold = page_ids(), gold_texts()
    rounds = [{name: reader(pages) for name, reader in READERS.items()} for _ in range(ROUNDS)]
    parts = {"all": slice(None), "even": slice(0, None, 2), "odd": slice(1, None, 2)}
    for name, processes in READERS:
        turns = [one[name, processes] for one in rounds]
        speed = {"pages/s": round(len(pages) / median(turn.seconds for turn in turns), 1)}
        work = {"CPU ms/page": round(1000 * median(turn.work for turn in turns) / len(pages), 1)}
        figures = [precision_recall(gold[page], text) for page, text in zip(pages, turns[0].texts, strict=True)]
        for part, chosen in parts.items() if processes == 1 else [("all", slice(None))]:
            found = averaged(figures[chosen])
            row = {"set": f"html_zyte/{part}", "reader": name, "processes": processes, "pages": len(figures[chosen])}
            row |= {"P": round(found.precision, 4), "R": round(found.recall, 4), "F1": round(found.f1, 4)}
            yield row | (speed if part == "all" else {}) | (work if part == "all" and processes == 1 else {})


def own_text_rows() -> Iterator[dict[str, object]]:
    """How much cleaning takes out of texts that hold nothing but themselves."""
    for name in OWN_TEXTS:
        (path,) = (ROOT.parent / "shared/data" / name).glob("corpus.jsonl*")
        opened = gzip.open if path.suffix == ".gz" else open
        with opened(path, "rt", encoding="utf-8") as lines:
            drafts = [Draft(record["_id"], record["text"]) for record in map(json.loads, lines)]
        found = [one for one in map(tried, drafts) if isinstance(one, Article)]
        removed = sum(len(text) for one in found for text in one.removed)
        size = sum(len(one.text) for one in found)
        yield {"set": name, "texts": len(found), "characters": size, "removed": removed}


def labels() -> list[dict[str, Any]]:
    """The labelled pages: `page` (the start of its name), `date` (the right days), `title` (see `title_mark`)."""
    return [json.loads(line) for line in LABELS.read_text(encoding="utf-8").splitlines()]


def title_mark(title: str | None) -> str:
    """A title as the labels have it, so that they hold no text of the pages: its length and 12 digits of its hash."""
    folded = fold_space(title or "").translate({0x2018: "'", 0x2019: "'", 0x201C: '"', 0x201D: '"'}).casefold()
    return f"{len(folded)}:{hashlib.sha256(folded.encode()).hexdigest()[:12]}"


def field_rows() -> Iterator[dict[str, object]]:
    """How often title and date are right on the labelled pages, in all and in each half."""
    names = page_ids()
    outcomes: list[tuple[bool, bool, bool]] = []
    for label in labels():
        page = next(name for name in names if name.startswith(str(label["page"])))
        found = article(page)
        title, date = (found.title, found.published) if found else (None, None)
        right = title_mark(title) == label["title"]
        outcomes.append((names.index(page) % 2 == 0, right, (date or "")[:10] in label["date"]))
    for part, chosen in (("all", (True, False)), ("even", (True,)), ("odd", (False,))):
        those = [outcome for outcome in outcomes if outcome[0] in chosen]
        for field, place in (("title", 1), ("date", 2)):
            share = round(mean(outcome[place] for outcome in those), 4)
            yield {"set": f"html_zyte/{part}", "field": field, "pages": len(those), "accuracy": share}


def stream_row(gigabytes: float) -> dict[str, object]:
    """What it takes to read and clean a file of articles, one a line, that were made up for it."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "articles.jsonl")
        _write_articles(path, int(gigabytes * GIGABYTE))
        started = time.perf_counter()
        count = sum(isinstance(found, Article) for _, found in clean_many(read_paths([path])))
        seconds, size = time.perf_counter() - started, path.stat().st_size
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {
        "GB": round(size / GIGABYTE, 2),
        "articles": count,
        "MB/s": round(size / seconds / 10**6, 1),
        "resident MiB at most": round(peak),
    }


def _write_articles(path: Path, size: int) -> None:
    """Lines of JSON until the file has that size."""
    with path.open("w", encoding="utf-8") as file:
        number = 0
        while file.tell() < size:
            number += 1
            said = [f"Ferry {number} carried {number * step} people past lighthouse {step}." for step in range(400)]
            text = "\n\n".join(" ".join(said[at : at + 5]) for at in range(0, len(said), 5))
            file.write(json.dumps({"id": f"{number}", "title": f"Ferry {number}", "text": text}) + "\n")


def table(rows: list[dict[str, object]]) -> str:
    """Rows as a Markdown table."""
    names = list(rows[0])
    lines = [names, ["---"] * len(names), *([str(row.get(name, "")) for name in names] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def report(name: str, tables: dict[str, list[dict[str, object]]], note: str) -> None:
    """Print tables, and write them as results of this name."""
    shown = "\n\n".join([*map(table, tables.values()), note])
    print(shown)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(json.dumps({**tables, "note": note}, indent=1) + "\n")
    (RESULTS / f"{name}.md").write_text(shown + "\n")


def main() -> None:
    """Measure, print, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--stream-gb", type=float, help="measure the memory that a file of this size takes instead")
    gigabytes = parser.parse_args().stream_gb
    cores, load = os.cpu_count(), os.getloadavg()[0]
    machine = f"{cores} cores; other work took {load:.1f} of them when this began."
    if gigabytes:
        report("read_stream", {"stream": [stream_row(gigabytes)]}, machine)
        return
    texts = list(text_rows())
    speeds = [float(str(row["pages/s"])) for row in texts if "pages/s" in row]
    ratio = f"{PROCESSES} processes of pincite read {speeds[2] / speeds[0]:.2f} times as fast as one of trafilatura"
    note = f"Speed: median of {ROUNDS} turns; {ratio}. {machine}"
    report("read", {"text": texts, "fields": list(field_rows()), "own_text": list(own_text_rows())}, note)


if __name__ == "__main__":
    main()
