"""A library of several languages, asked in each of them: ``make bench-languages``.

XQuAD has the same articles in several languages. Here each article is in one of them only, in turn, so that most
questions are in another language than their answer. Writes ``results/languages.json`` and ``.md``: nDCG@10 by article,
parted into questions in their answer's language and in another.
"""

from __future__ import annotations

import argparse
import json
import math
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean

from api.cli.commands.evaluate import Bench, default_work, machine, models
from api.settings import Settings
from benchmarks.evaluate import ROOT
from search.evaluation import metrics, report
from search.evaluation.dataset import Dataset, read_dataset
from search.evaluation.runner import MODES, Asking
from search.pipeline import Pipeline
from search.query import Query

ARTICLES_IN = ("en", "tr", "de", "zh")
ASKED_IN = (*ARTICLES_IN, "es")
COMPARED = ("lexical", "dense", "hybrid", "default")

Figures = Mapping[str, Mapping[str, float]]
"""By mode: nDCG@10 of questions in the `same` language as their answer, where there are any, and in an `other`."""


def main() -> None:
    """Measure, write and print."""
    wanted = arguments()
    embedder, reranker = models(Settings.from_environment(), list(MODES))
    home = mix(wanted.data, wanted.work / "mixed")
    found = {}
    for language in ASKED_IN:
        print(f"asked in {language} …", flush=True)
        dataset = read_dataset(wanted.work / "mixed", questions_of=wanted.data / language)
        with Bench(dataset, wanted.work, embedder, reranker) as bench:
            pipeline = Pipeline(bench.library, lambda: embedder, lambda: reranker, rerank_ms=math.inf)
            found[language] = asked(dataset.sample(wanted.queries), pipeline, language, home)
    write(wanted.out, found, wanted.queries)


def arguments() -> argparse.Namespace:
    """What the command line says."""
    xquad = ROOT.parent / "shared" / "data" / "xquad"
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=xquad, help="default: ../shared/data/xquad")
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "results", help="default: benchmarks/results")
    parser.add_argument("--queries", type=int, default=80, help="at most so many in each language; %(default)s")
    parser.add_argument("--work", type=Path, default=default_work(), help="where the library is kept; %(default)s")
    return parser.parse_args()


def mix(data: Path, mixed: Path) -> dict[str, str]:
    """Write the judged set whose articles are in one language each; gives the language by article."""
    mixed.mkdir(parents=True, exist_ok=True)
    rows = [
        [
            json.loads(line) | {"language": language}
            for line in (data / language / "corpus.jsonl").open(encoding="utf-8")
        ]
        for language in ARTICLES_IN
    ]
    chosen = [translations[place % len(ARTICLES_IN)] for place, translations in enumerate(zip(*rows, strict=True))]
    corpus = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in chosen)
    (mixed / "corpus.jsonl").write_text(corpus, encoding="utf-8")
    for name in ("queries.jsonl", "qrels.tsv"):
        shutil.copyfile(data / "en" / name, mixed / name)
    return {row["_id"]: row["language"] for row in chosen}


def ten_best(pipeline: Pipeline, query: Query) -> list[str]:
    """The articles of the best ten hits, one hit an article."""
    return [hit.passage.article_id for hit in pipeline.answer(replace(query, group="article", limit=10)).hits]


def asked(dataset: Dataset, pipeline: Pipeline, language: str, home: Mapping[str, str]) -> Figures:
    """The figures of one language's questions."""
    found = {}
    for mode in COMPARED:
        documents = {one.id: ten_best(pipeline, Asking(mode).query(one)) for one in dataset.questions}
        judged = {name: dataset.judgements[name] for name in documents}
        single = {name: figures[metrics.NDCG] for name, figures in metrics.ranking(judged, documents).items()}
        parted: dict[str, list[float]] = {"same": [], "other": []}
        for name, figure in single.items():
            at_home = language in {home[article] for article in judged[name]}
            parted["same" if at_home else "other"].append(figure)
        found[mode] = {part: round(fmean(figures), 4) for part, figures in parted.items() if figures}
    return found


def write(out: Path, found: Mapping[str, Figures], most: int) -> None:
    """Put the figures into the folder `out`, and print them."""
    values = {"measured": datetime.now(UTC).date().isoformat(), "machine": machine(), "queries": most, "sets": found}
    out.mkdir(parents=True, exist_ok=True)
    (out / "languages.json").write_text(json.dumps(values, indent=2) + "\n", encoding="utf-8")
    text = page(found, f"{most} questions in each language. {values['machine']}, {values['measured']}.")
    (out / "languages.md").write_text(text, encoding="utf-8")
    print(text)


def page(found: Mapping[str, Figures], facts: str) -> str:
    """Everything as a Markdown page."""
    rows: list[Sequence[str]] = [["asked in", "answer in", *COMPARED]]
    for language, figures in found.items():
        for part, told in (("same", "the same"), ("other", "another")):
            if part in figures[COMPARED[0]]:
                rows.append([language, told, *(f"{figures[mode][part]:.3f}" for mode in COMPARED)])
    about = (
        f"nDCG@10 over XQuAD's articles, each of which is in one of {', '.join(ARTICLES_IN)} only. {facts} "
        "`lexical` is BM25 with each language's own stemming."
    )
    return "\n\n".join(["# Asking a library of several languages", about, report.aligned(rows, words=2)]) + "\n"


if __name__ == "__main__":
    main()
