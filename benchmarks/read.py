"""How much of an article is read, and how much else: Pincite beside trafilatura alone, in one run.

Pages and gold texts are those of Zyte's article-extraction-benchmark, kept beside the checkout. The measure is its
authors': 4-grams of words as a bag, normalised per page, precision and recall averaged over pages.
Dates and titles are measured against labels that were made by hand (see docs/articles.md).
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from statistics import mean
from typing import Any, NamedTuple

import trafilatura

from index.articles.article import Article
from index.articles.characters import fold_space
from index.articles.clean import clean
from index.articles.readers import read_bytes
from index.errors import PinciteError, Unreadable

ROOT = Path(__file__).resolve().parents[1]
PAGES = ROOT.parent / "shared/data/html_zyte"
LABELS = ROOT / "benchmarks/read_labels.jsonl"
RESULTS = ROOT / "benchmarks/results"
PROCESSES = 2
SHINGLE_WORDS = 4

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


def article(page: str) -> Article | None:
    """What Pincite makes of a page; None when it is rejected."""
    (draft,) = read_bytes(page_bytes(page), f"{page}.html")
    try:
        return None if isinstance(draft, Unreadable) else clean(draft)
    except PinciteError:
        return None


def by_pincite(page: str) -> str:
    """The article's text as Pincite stores it."""
    found = article(page)
    return found.text if found else ""


def by_trafilatura(page: str) -> str:
    """The article's text as trafilatura alone gives it, with its defaults but for comments."""
    return trafilatura.extract(page_bytes(page).decode("utf-8", "replace"), include_comments=False) or ""


def timed(reader: Callable[[str], str], pages: list[str], processes: int) -> tuple[list[str], float]:
    """The texts of pages, and how many pages were read a second."""
    if processes == 1:
        started = time.perf_counter()
        texts = [reader(page) for page in pages]
        return texts, len(pages) / (time.perf_counter() - started)
    with ProcessPoolExecutor(processes) as pool:
        list(pool.map(reader, pages[: 2 * processes]))  # starting up is not reading
        started = time.perf_counter()
        texts = list(pool.map(reader, pages, chunksize=4))
        return texts, len(pages) / (time.perf_counter() - started)


def text_rows() -> Iterator[dict[str, object]]:
    """One row for each reader and each part of the pages."""
    pages, gold = page_ids(), gold_texts()
    parts = {"all": slice(None), "even": slice(0, None, 2), "odd": slice(1, None, 2)}
    for name, reader, processes in (("trafilatura", by_trafilatura, 1), ("pincite", by_pincite, PROCESSES)):
        texts, rate = timed(reader, pages, processes)
        figures = [precision_recall(gold[page], text) for page, text in zip(pages, texts, strict=True)]
        for part, chosen in parts.items():
            found = averaged(figures[chosen])
            row = {"set": f"html_zyte/{part}", "reader": name, "pages": len(figures[chosen]), "processes": processes}
            yield {**row, "P": round(found.precision, 4), "R": round(found.recall, 4), "F1": round(found.f1, 4)} | (
                {"pages/s": round(rate, 1)} if part == "all" else {}
            )


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


def table(rows: list[dict[str, object]]) -> str:
    """Rows as a Markdown table."""
    names = list(rows[0])
    lines = [names, ["---"] * len(names), *([str(row.get(name, "")) for name in names] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> None:
    """Measure, print, and write the results."""
    texts = list(text_rows())
    fields = list(field_rows())
    shown = "\n\n".join(table(rows) for rows in (texts, fields))
    print(shown)
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "read.json").write_text(json.dumps({"text": texts, "fields": fields}, indent=1) + "\n")
    (RESULTS / "read.md").write_text(shown + "\n")


if __name__ == "__main__":
    main()
