"""A judged set in BEIR's layout: documents, questions, which documents answer which, and where the answer stands.

Reads and checks; knows no library and asks nothing. Spans are code points into a document's own text here; `spans`
brings them to the article that the library made of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import TypeVar

from index.articles.article import Draft
from index.articles.dates import instant
from index.articles.readers.records import record_draft
from index.errors import InvalidInput
from search.evaluation.lines import Row, columns, digest, find, need, rows
from search.query import LONGEST_QUESTION

T = TypeVar("T")

Judgements = Mapping[str, Mapping[str, int]]
"""Grades by question and document; 1 and more is relevant."""

_KEPT = ("title", "text", "url", "published", "source", "language")
_SLASHES = re.compile(r"(\d{4})/(\d{2})/(\d{2})")


@dataclass(frozen=True, slots=True)
class Question:
    """A question of the set. `as_of` is the moment it was asked, from which it counts days; None means now."""

    id: str
    text: str
    as_of: datetime | None = None


@dataclass(frozen=True, slots=True)
class Gold:
    """Where an answer stands: ``text[start:end] == answer`` in a document's own text (code points, end exclusive)."""

    document: str
    start: int
    end: int
    answer: str


@dataclass(frozen=True, slots=True)
class Dataset:
    """A judged set.

    Attributes:
        name: the folder's name.
        questions: those that some document answers, in the file's order.
        judgements: grades, of these questions only.
        golds: spans that answer, by question; empty where the set has none.
        texts: the own texts of the documents with gold spans.
        unanswerable: questions that no document answers.
        documents: how many documents there are.
        digest: SHA-256 over everything that the figures depend on.
        corpus: the file with the documents.
        corpus_digest: SHA-256 of what stands in it.
    """

    name: str
    questions: Sequence[Question]
    judgements: Judgements
    golds: Mapping[str, Sequence[Gold]]
    texts: Mapping[str, str]
    unanswerable: Sequence[Question]
    documents: int
    digest: str
    corpus: Path
    corpus_digest: str

    def drafts(self) -> Iterator[Draft]:
        """The documents, for indexing; InvalidArticle for one with a value of the wrong type."""
        return (_draft(row) for row in rows(self.corpus))

    def sample(self, most: int | None) -> Dataset:
        """At most so many questions, and so many unanswerable ones, spaced evenly; None leaves all of them."""
        if most is None:
            return self
        return replace(self, questions=evenly(self.questions, most), unanswerable=evenly(self.unanswerable, most))


def evenly(items: Sequence[T], most: int) -> Sequence[T]:
    """At most `most` items at even distances, always the same ones."""
    if len(items) <= most:
        return items
    return [items[len(items) * place // most] for place in range(most)]


def read_dataset(folder: Path, *, qrels: str | None = None, questions_of: Path | None = None) -> Dataset:
    """Read and check a set.

    Args:
        folder: has ``corpus.jsonl``, ``queries.jsonl`` and ``qrels.tsv`` (or ``qrels/test.tsv``), and may have
            ``answers.jsonl`` and ``unanswerable.jsonl``; each of them may be gzipped.
        qrels: another file of judgements in the folder.
        questions_of: another folder, whose questions are asked instead, by the same ids.

    Raises:
        InvalidInput: a file is missing or broken; file and line are named.
    """
    corpus = need(folder, "corpus.jsonl")
    asked = need(questions_of or folder, "queries.jsonl")
    judged = need(folder, qrels) if qrels else need(folder, "qrels.tsv", "qrels/test.tsv")
    answers, unanswerable = find(folder, "answers.jsonl"), find(folder, "unanswerable.jsonl")
    spans = list(rows(answers)) if answers else []
    wanted = {row.text("doc_id") for row in spans}
    known, texts = _documents(corpus, wanted)
    every = {question.id: question for question in _questions(asked)}
    judgements = _judgements(judged, known, every)
    return Dataset(
        name=folder.resolve().name,
        questions=[question for question in every.values() if question.id in judgements],
        judgements=judgements,
        golds=_golds(spans, texts, judgements),
        texts=texts,
        unanswerable=list(_questions(unanswerable)) if unanswerable else [],
        documents=len(known),
        digest=digest(corpus, asked, judged, answers, unanswerable),
        corpus=corpus,
        corpus_digest=digest(corpus),
    )


def read_corpus(folder: Path) -> Dataset:
    """A set of documents only, without questions.

    Raises:
        InvalidInput: ``corpus.jsonl`` is missing or broken; file and line are named.
    """
    corpus = need(folder, "corpus.jsonl")
    known, _ = _documents(corpus, set())
    content = digest(corpus)
    return Dataset(folder.resolve().name, [], {}, {}, {}, [], len(known), content, corpus, content)


def _documents(corpus: Path, wanted: set[str]) -> tuple[set[str], dict[str, str]]:
    """The ids of all documents, and the texts of those that are wanted."""
    known: set[str] = set()
    texts: dict[str, str] = {}
    for row in rows(corpus):
        _once(row, known)
        if not isinstance(row.values.get("text"), str):
            row.place.refuse("'text' must be a string")
        if row.values["_id"] in wanted:
            texts[row.values["_id"]] = row.values["text"]
    return known, texts


def _once(row: Row, known: set[str]) -> str:
    """The row's id, which no row before it had; it is known from then on."""
    name = row.text("_id")
    if name in known:
        row.place.refuse(f"the id {name!r} was there before")
    known.add(name)
    return name


def _questions(path: Path) -> Iterator[Question]:
    known: set[str] = set()
    for row in rows(path):
        name, text = _once(row, known), row.text("text")
        # No model reads as far as the limit, so the rest of a longer one makes no difference.
        yield Question(name, text[:LONGEST_QUESTION], _moment(row))


def _moment(row: Row) -> datetime | None:
    if row.values.get("date") is None:
        return None
    try:
        return instant(_dashed(row.text("date")))
    except ValueError as error:
        row.place.refuse(f"'date': {error}")


def _dashed(written: str) -> str:
    """``2025/01/13`` as ``2025-01-13``."""
    return _SLASHES.sub(r"\1-\2-\3", written)


def _judgements(path: Path, documents: set[str], questions: Mapping[str, Question]) -> Judgements:
    """Grades of the questions that some document answers; those of questions that are not asked are left out."""
    grades: dict[str, dict[str, int]] = {}
    for number, (place, (question, document, grade)) in enumerate(columns(path, 3)):
        if not re.fullmatch(r"[+-]?\d+", grade.strip()):
            if number == 0:  # a header
                continue
            place.refuse(f"the third column must be a whole number, not {grade!r}")
        if int(grade) > 0 and document not in documents:
            place.refuse(f"the document {document!r} is not in the corpus")
        if question in questions:
            grades.setdefault(question, {})[document] = int(grade)
    answered = {question: found for question, found in grades.items() if max(found.values()) > 0}
    if not answered:
        raise InvalidInput(f"{path} has no document with a grade above 0 for any question.", path=str(path))
    return answered


def _golds(spans: Iterable[Row], texts: Mapping[str, str], judgements: Judgements) -> dict[str, list[Gold]]:
    golds: dict[str, list[Gold]] = {}
    for row in spans:
        question, gold = row.text("query_id"), _gold(row, texts)
        if question in judgements:
            golds.setdefault(question, []).append(gold)
    return golds


def _gold(row: Row, texts: Mapping[str, str]) -> Gold:
    """A span given by its offsets, or by an answer that stands once in the document."""
    document = row.text("doc_id")
    text = texts.get(document)
    if text is None:
        row.place.refuse(f"the document {document!r} is not in the corpus")
    if "start" not in row.values:
        answer = row.text("answer")
        if text.count(answer) != 1:
            row.place.refuse(f"the answer stands {text.count(answer)} times in {document!r}; give start and end")
        start = text.index(answer)
        return Gold(document, start, start + len(answer), answer)
    start, end = row.number("start"), row.number("end")
    if not 0 <= start < end <= len(text):
        row.place.refuse(f"{start} to {end} is no stretch of {document!r}, which has {len(text):,} characters")
    if row.values.get("answer", text[start:end]) != text[start:end]:
        row.place.refuse(f"{start} to {end} of {document!r} is not the answer given")
    return Gold(document, start, end, text[start:end])


def _draft(row: Row) -> Draft:
    """A document as a draft; only the fields that the layout has."""
    values = {name: row.values[name] for name in _KEPT if row.values.get(name) not in (None, "")}
    if isinstance(values.get("published"), str):
        values["published"] = _dashed(values["published"])
    return record_draft({"text": "", **values, "id": row.values["_id"]}, str(row.place))
