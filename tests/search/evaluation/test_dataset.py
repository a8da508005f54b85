"""Reading a judged set: what is taken, what is refused and by which file and line, and which questions are sampled."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest

from index.errors import InvalidInput
from search.evaluation.dataset import Gold, Question, evenly, read_dataset
from search.query import LONGEST_QUESTION
from tests.search.evaluation.judged_set import CORPUS, QRELS, QUERIES, Write


def test_a_set_is_read_whole(write: Write) -> None:
    found = read_dataset(write())
    assert found.name == "animals"
    assert found.documents == 4
    assert found.questions == [
        Question("q1", "red fox dawn"),
        Question("q2", "barn owl voles", datetime(2025, 1, 31, tzinfo=UTC)),
        Question("q3", "frozen river"),
    ]
    assert found.judgements == {"q1": {"fox": 1}, "q2": {"owl": 2}, "q3": {"river": 1, "bee": 1}}
    assert found.golds == {
        "q1": [Gold("fox", 2, 9, "red fox")],
        "q2": [Gold("owl", 19, 24, "voles")],
        "q3": [Gold("river", 19, 26, "January")],
    }
    assert sorted(found.texts) == ["fox", "owl", "river"]
    assert found.unanswerable == [Question("u1", "submarine cables"), Question("u2", "tax law")]


def test_documents_become_drafts(write: Write) -> None:
    record = {"_id": "a", "title": "", "text": "x", "published": "2022/06/19", "source": "Gazette", "grade": 3}
    folder = write(corpus_jsonl=[record, *CORPUS])
    draft, fox, *_ = read_dataset(folder).drafts()
    assert (draft.id, draft.title, draft.content, draft.published) == ("a", None, "x", "2022-06-19")
    assert (draft.source, draft.metadata, draft.origin) == ("Gazette", {}, f"{folder / 'corpus.jsonl'}, line 1")
    assert (fox.id, fox.title) == ("fox", "Foxes")


def test_packed_files_and_a_set_without_extras_are_the_same_set(write: Write) -> None:
    plain, packed = read_dataset(write("plain")), read_dataset(write("packed", packed=True))
    assert plain.digest == packed.digest
    assert plain.questions == packed.questions
    bare = read_dataset(write("bare", answers_jsonl=None, unanswerable_jsonl=None))
    assert (bare.golds, bare.unanswerable, bare.texts) == ({}, [], {})
    assert bare.digest != plain.digest
    assert bare.corpus_digest == plain.corpus_digest


@pytest.mark.parametrize("file", ["corpus", "queries", "answers", "unanswerable"])
def test_the_digest_changes_with_every_file(write: Write, file: str) -> None:
    before = write("before")
    after = write("after")
    (after / f"{file}.jsonl").write_text((before / f"{file}.jsonl").read_text() + "\n")
    assert read_dataset(before).digest != read_dataset(after).digest


def test_judgements_need_no_header_and_may_lie_where_beir_puts_them(write: Write) -> None:
    folder = write(qrels_tsv=None)
    (folder / "qrels").mkdir()
    (folder / "qrels" / "test.tsv").write_text("q1\tfox\t1\n\nq9\tfox\t1\n")
    assert read_dataset(folder).judgements == {"q1": {"fox": 1}}


def test_other_judgements_and_other_questions_may_be_named(write: Write) -> None:
    folder = write()
    (folder / "closed.tsv").write_text("q3\triver\t3\n")
    assert read_dataset(folder, qrels="closed.tsv").judgements == {"q3": {"river": 3}}
    turkish = write("tr", queries_jsonl=[{"_id": "q1", "text": "kızıl tilki"}])
    found = read_dataset(folder, questions_of=turkish)
    assert found.questions == [Question("q1", "kızıl tilki")]
    assert found.judgements == {"q1": {"fox": 1}}
    assert found.golds == {"q1": [Gold("fox", 2, 9, "red fox")]}
    assert found.corpus_digest == read_dataset(folder).corpus_digest


def test_a_question_longer_than_any_query_is_cut(write: Write) -> None:
    folder = write(queries_jsonl=[{"_id": "q1", "text": "fox " * 2_000}])
    assert len(read_dataset(folder).questions[0].text) == LONGEST_QUESTION


BROKEN: list[tuple[dict[str, Any], str]] = [
    ({"corpus_jsonl": None}, "animals has no corpus.jsonl, plain or as .gz."),
    ({"queries_jsonl": None}, "animals has no queries.jsonl, plain or as .gz."),
    ({"qrels_tsv": None}, "animals has no qrels.tsv and no qrels/test.tsv, plain or as .gz."),
    ({"corpus_jsonl": [*CORPUS, CORPUS[0]]}, "corpus.jsonl, line 5: the id 'fox' was there before"),
    ({"corpus_jsonl": [{"_id": "a"}]}, "corpus.jsonl, line 1: 'text' must be a string"),
    ({"corpus_jsonl": [{"_id": 7, "text": "x"}]}, "corpus.jsonl, line 1: '_id' must be a string that is not empty"),
    ({"queries_jsonl": [*QUERIES, QUERIES[1]]}, "queries.jsonl, line 5: the id 'q2' was there before"),
    ({"queries_jsonl": [{"_id": "q1", "text": " "}]}, "queries.jsonl, line 1: 'text' must be a string"),
    ({"queries_jsonl": [{"_id": "q1", "text": "a", "date": "soon"}]}, "queries.jsonl, line 1: 'date': Invalid"),
    (
        {"qrels_tsv": QRELS + "q1\tfox\tgood\n"},
        "qrels.tsv, line 7: the third column must be a whole number",
    ),
    ({"qrels_tsv": "q1\tmouse\t1\n"}, "qrels.tsv, line 1: the document 'mouse' is not in the corpus"),
    ({"qrels_tsv": "q1\tfox\t0\nq8\tfox\t1\n"}, "qrels.tsv has no document with a grade above 0 for any question."),
    ({"answers_jsonl": [{"query_id": "q1", "doc_id": "mouse"}]}, "answers.jsonl, line 1: the document 'mouse' is not"),
    ({"answers_jsonl": [{"query_id": "q1", "doc_id": "owl", "answer": "e"}]}, "line 1: the answer stands 5 times in"),
    ({"answers_jsonl": [{"query_id": "q1", "doc_id": "fox", "start": 2, "end": 99}]}, "line 1: 2 to 99 is no stretch"),
    ({"answers_jsonl": [{"query_id": "q1", "doc_id": "fox", "start": 2}]}, "line 1: 'end' must be a whole number"),
    (
        {"answers_jsonl": [{"query_id": "q1", "doc_id": "fox", "start": 2, "end": 5, "answer": "owl"}]},
        "line 1: 2 to 5 of 'fox' is not the answer given",
    ),
    ({"unanswerable_jsonl": '{"_id": "u1"}'}, "unanswerable.jsonl, line 1: 'text' must be a string"),
]


@pytest.mark.parametrize(("given", "message"), BROKEN)
def test_a_broken_set_names_file_and_line(write: Write, given: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=re.escape(message)):
        read_dataset(write(**given))


def test_a_document_that_no_draft_can_hold_is_named(write: Write) -> None:
    dataset = read_dataset(write(corpus_jsonl=[*CORPUS, {"_id": "a", "text": "x", "source": ["Gazette"]}]))
    with pytest.raises(InvalidInput, match=r"corpus\.jsonl, line 5: source: it must be a string, not an array"):
        list(dataset.drafts())


def test_samples_are_spaced_evenly_and_always_the_same(write: Write) -> None:
    assert evenly("abcdefghij", 4) == ["a", "c", "f", "h"]
    assert evenly("abcdefghij", 10) == "abcdefghij"
    assert evenly("abc", 7) == "abc"
    dataset = read_dataset(write())
    sample = dataset.sample(2)
    assert [question.id for question in sample.questions] == ["q1", "q2"]
    assert [question.id for question in sample.unanswerable] == ["u1", "u2"]
    assert [question.id for question in dataset.sample(1).unanswerable] == ["u1"]
    assert sample.digest == dataset.digest
    assert dataset.sample(None) is dataset
