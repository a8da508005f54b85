"""How fast text becomes vectors and pairs become scores: Pincite beside plain sentence-transformers, in one run.

Every way is measured in turn, round after round, on the same real passages, and the median is taken: other work on the
machine slows all of them alike, so believe the ratios; processor time, counted over all threads, is disturbed least.
What the cores could do at most is measured beside it, and what the vectors lose in quality on judged sets. Writes
``results/embedding.json`` and ``.md``.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import torch
import transformers
from sentence_transformers import CrossEncoder, SentenceTransformer

from api.cli.commands.evaluate import machine
from index.articles.clean import clean
from index.articles.cut import cut
from index.articles.readers import read_paths
from index.embedding.catalogue import DEFAULT_EMBEDDER, DEFAULT_RERANKER
from index.embedding.embedder import SentenceEmbedder, load_embedder
from index.embedding.network import cores
from index.embedding.reranker import load_reranker
from index.embedding.store import resolve
from index.errors import Unreadable
from index.ingest import embedded_text
from search.evaluation.dataset import Dataset, evenly, read_corpus, read_dataset
from search.evaluation.metrics import NDCG, means, ranking

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared/data"
RESULTS = ROOT / "benchmarks/results"
ARTICLES = DATA / "rtqa_2022"
JUDGED = {"nq_mini": "qrels_closed.tsv", "scifact_train": None, "xquad/tr": None}
QUESTIONS, DOCUMENTS = 800, 800
QUESTION = "who won the final round of the contest, and by how many points"
PAIR_TOKENS, PAIRS = (64, 128, 200, 350), 12
ROUNDS = 3
PARTS = ("indexing", "asking", "judging", "limit", "quality")
MATRIX = 1024

Vectors = npt.NDArray[np.float32]
Row = dict[str, object]


def passages(embedder: SentenceEmbedder, most: int) -> list[str]:
    """Real passages as they are indexed, evenly out of the evaluation data, or of the sample articles without it."""
    drafts = read_corpus(ARTICLES).drafts() if ARTICLES.exists() else read_paths([ROOT / "seeds"])
    articles = (clean(draft) for draft in islice(drafts, 100) if not isinstance(draft, Unreadable))
    cuts = ((article, cut(article, embedder.tokens, embedder.max_tokens)) for article in articles)
    return list(evenly([embedded_text(article, piece) for article, pieces in cuts for piece in pieces], most))


def seconds(work: Callable[[], object]) -> float:
    """How long it takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


class Took(NamedTuple):
    """Seconds of the clock, and of processor time in all threads."""

    clock: float
    processor: float


def in_turn(ways: Mapping[str, Callable[[], object]]) -> dict[str, Took]:
    """The median of every way: each is run once to warm up, then all in turn, round after round."""
    for work in ways.values():
        work()
    times = [{name: both(work) for name, work in ways.items()} for _ in range(ROUNDS)]
    return {name: Took(*(median(kind) for kind in zip(*(one[name] for one in times), strict=True))) for name in ways}


def both(work: Callable[[], object]) -> Took:
    """How long it takes, and how much processor time."""
    before = time.process_time()
    clock = seconds(work)
    return Took(clock, time.process_time() - before)


def folder(model: str) -> str:
    """Where a model of the catalogue is."""
    return str(resolve(model).folder)


def plain(dtype: str = "float32") -> SentenceTransformer:
    """The default embedder as any user of sentence-transformers loads it."""
    return SentenceTransformer(folder(DEFAULT_EMBEDDER), device="cpu", model_kwargs={"dtype": dtype})


def indexing(texts: list[str], reference: SentenceTransformer, embedder: SentenceEmbedder) -> list[Row]:
    """Passages a second of each way, and the ratio to plain float32."""
    half, finer = plain("bfloat16"), load_embedder(DEFAULT_EMBEDDER, device="cpu", precision="bfloat16")
    times = in_turn(
        {
            "sentence-transformers float32, its defaults": lambda: reference.encode_document(texts),
            "sentence-transformers bfloat16": lambda: half.encode_document(texts),
            "Pincite bfloat16": lambda: finer.embed_passages(texts),
            f"Pincite {embedder.hardware.precision}, its default": lambda: embedder.embed_passages(texts),
        }
    )
    plainest = next(iter(times.values()))
    return [
        {
            "embedding": name,
            "passages/s": round(len(texts) / took.clock, 1),
            "ratio": round(plainest.clock / took.clock, 2),
            "passages per processor second": round(len(texts) / took.processor, 1),
            "its ratio": round(plainest.processor / took.processor, 2),
        }
        for name, took in times.items()
    ]


def asking(texts: Sequence[str], reference: SentenceTransformer, embedder: SentenceEmbedder) -> list[Row]:
    """Milliseconds for one question: the median, and the median of each one's quickest, which was disturbed least."""
    ways: dict[str, Callable[[str], object]] = {
        "sentence-transformers float32": reference.encode_query,
        f"Pincite {embedder.hardware.precision}": embedder.embed_question,
    }
    return [{"one question": name, **_times([_each(way, texts) for _ in range(6)])} for name, way in ways.items()]


def _each(way: Callable[[str], object], texts: Sequence[str]) -> list[float]:
    return [seconds(lambda text=text: way(text)) for text in texts]  # type: ignore[misc]


def _times(runs: Sequence[Sequence[float]]) -> dict[str, float]:
    warm = runs[1:]
    best = median(min(one) for one in zip(*warm, strict=True))
    return {"median ms": _ms(median(one for run in warm for one in run)), "undisturbed ms": _ms(best)}


def judging(words: Sequence[str]) -> list[Row]:
    """Milliseconds a pair, by the number of tokens of question and passage together."""
    load: dict[str, Any] = {"activation_fn": torch.nn.Identity(), "device": "cpu"}
    plain32 = CrossEncoder(folder(DEFAULT_RERANKER), **load)
    plain16 = CrossEncoder(folder(DEFAULT_RERANKER), model_kwargs={"dtype": "bfloat16"}, **load)
    finer, default = (load_reranker(DEFAULT_RERANKER, device="cpu", precision=name) for name in ("bfloat16", "auto"))
    table: list[Row] = []
    for tokens in PAIR_TOKENS:
        texts = pairs(plain32.tokenizer, words, tokens)
        joined = [(QUESTION, text) for text in texts]
        ways: dict[str, Callable[[], object]] = {
            "sentence-transformers float32": lambda joined=joined: plain32.predict(joined),  # type: ignore[misc]
            "sentence-transformers bfloat16": lambda joined=joined: plain16.predict(joined),  # type: ignore[misc]
            "Pincite bfloat16": lambda texts=texts: finer.scores(QUESTION, texts),  # type: ignore[misc]
            f"Pincite {default.hardware.precision}": lambda texts=texts: default.scores(QUESTION, texts),  # type: ignore[misc]
        }
        table.append(
            {"tokens of a pair": tokens}
            | {f"{name}, ms": _ms(took.clock / PAIRS) for name, took in in_turn(ways).items()}
        )
    return table


def pairs(tokenizer: Any, words: Sequence[str], tokens: int) -> list[str]:
    """Passages of real words that are `tokens` long together with the question, give or take a few."""
    room = tokens - len(tokenizer(QUESTION)["input_ids"]) - 1
    pieces = (" ".join(words[start : start + tokens]) for start in range(0, PAIRS * tokens, tokens))
    return [tokenizer.decode(tokenizer(piece, add_special_tokens=False)["input_ids"][:room]) for piece in pieces]


def quality(reference: SentenceTransformer, embedder: SentenceEmbedder) -> Iterator[Row]:
    """nDCG@10 of exact dense search with plain float32 vectors and with ours, on a part of each judged set."""
    for name, qrels in JUDGED.items():
        if not (DATA / name).exists():
            continue
        dataset = read_dataset(DATA / name, qrels=qrels).sample(QUESTIONS)
        documents = part(dataset)
        texts, asked = list(documents.values()), [question.text for question in dataset.questions]
        theirs = reference.encode_document(texts), reference.encode_query(asked)
        mine = embedder.embed_passages(texts), np.stack([embedder.embed_question(text) for text in asked])
        before, after = (ndcg(dataset, list(documents), *vectors) for vectors in (theirs, mine))
        cosines = np.einsum("ij,ij->i", mine[0], theirs[0])
        yield {
            "quality on": name,
            "documents": len(texts),
            "questions": len(asked),
            "float32 nDCG@10": round(before, 4),
            "Pincite nDCG@10": round(after, 4),
            "loss %": round(100 * (1 - after / before), 2),
            "cosine mean": round(float(cosines.mean()), 5),
            "cosine least": round(float(cosines.min()), 5),
        }


def part(dataset: Dataset) -> dict[str, str]:
    """Title and text by id: every document that answers one of the questions, and others at even distances."""
    every = {str(draft.id): f"{draft.title or ''}\n{draft.content}".strip() for draft in dataset.drafts()}
    relevant = {id_ for question in dataset.questions for id_ in dataset.judgements[question.id] if id_ in every}
    others = evenly([id_ for id_ in every if id_ not in relevant], max(0, DOCUMENTS - len(relevant)))
    return {id_: every[id_] for id_ in [*sorted(relevant), *others]}


def ndcg(dataset: Dataset, ids: Sequence[str], documents: Vectors, questions: Vectors) -> float:
    """The mean nDCG@10 of exact search."""
    best = np.argsort(-(questions @ documents.T), axis=1)[:, :10]
    rankings = {question.id: [ids[row] for row in rows] for question, rows in zip(dataset.questions, best, strict=True)}
    judged = {question.id: dataset.judgements[question.id] for question in dataset.questions}
    return means(ranking(judged, rankings))[NDCG]


def limit(texts: Sequence[str], embedder: SentenceEmbedder) -> list[Row]:
    """Passages a second if a passage were nothing but its multiplications, at the speed of one large matrix product."""
    config = json.loads((Path(folder(DEFAULT_EMBEDDER)) / "config.json").read_text())
    hidden, inner, layers = config["hidden_size"], config["intermediate_size"], config["num_hidden_layers"]
    tokens = np.array([len(embedder.tokens(text)) for text in texts])
    work = float((2 * layers * tokens * (4 * hidden**2 + 2 * hidden * inner + 2 * hidden * tokens)).mean())
    rows: list[Row] = []
    for dtype in (torch.float32, torch.bfloat16):
        one, other = (torch.randn(MATRIX, MATRIX).to(dtype) for _ in range(2))
        took = min(seconds(lambda one=one, other=other: one @ other) for _ in range(30))  # type: ignore[misc]
        speed = 2 * MATRIX**3 / took
        name = str(dtype).removeprefix("torch.")
        rows.append(
            {"limit": f"matrix product, {name}", "GFLOP/s": round(speed / 1e9), "passages/s": round(speed / work, 1)}
        )
    return rows


def table(rows: Sequence[Row]) -> str:
    """Rows as a Markdown table."""
    names = list(rows[0]) if rows else []
    lines = [names, ["---"] * len(names), *([str(row.get(name, "")) for name in names] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _ms(value: float) -> float:
    return round(1000 * value, 1)


def main() -> None:
    """Measure, print, and write the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--passages", type=int, default=128, help="how many passages a round")
    parser.add_argument("--only", nargs="*", choices=PARTS, help="measure these parts and leave the others as they are")
    options = parser.parse_args()
    transformers.utils.logging.set_verbosity_error()
    torch.set_num_threads(cores())
    reference, embedder = plain(), load_embedder(DEFAULT_EMBEDDER, device="cpu")
    texts = passages(embedder, options.passages)
    words = " ".join(texts).split()
    questions = [" ".join(words[start : start + 6 + start % 9]) for start in range(0, 400, 10)]
    parts: dict[str, Callable[[], list[Row]]] = {
        "indexing": lambda: indexing(texts, reference, embedder),
        "asking": lambda: asking(questions, reference, embedder),
        "judging": lambda: judging(words),
        "limit": lambda: limit(texts, embedder),
        "quality": lambda: list(quality(reference, embedder)),
    }
    for name in options.only or parts:
        write(name, parts[name](), len(texts))


def write(part: str, rows: list[Row], count: int) -> None:
    """Print a part's rows, and put them into the results beside the other parts."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / "embedding.json"
    about = f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC, {machine()}, load {os.getloadavg()[0]:.1f}, {count} passages"
    print(f"{about}\n{table(rows)}\n", flush=True)
    results = json.loads(path.read_text()) if path.exists() else {}
    results[part] = {"about": about, "rows": rows}
    path.write_text(json.dumps(results, indent=1) + "\n")
    sections = (f"{found['about']}\n\n{table(found['rows'])}\n" for found in results.values() if found["rows"])
    path.with_suffix(".md").write_text("\n".join(sections))


if __name__ == "__main__":
    main()
