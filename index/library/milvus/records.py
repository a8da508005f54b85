"""How articles and notes become rows, and rows become them again. Knows no engine.

A row's text is limited, so an article is several: its head, which is all but the text, and the text, each in as many
parts as it takes. What is filtered by stands with the head's first part, and with each passage.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from index.articles.article import Article, Break
from index.articles.passage import Passage
from index.library import analysis
from index.library.contract import Entry
from index.library.labels import Label, instant_of, labels_of
from index.library.milvus.engine import Rows
from index.library.milvus.expressions import NEVER, among, label_term, spelt_text
from index.library.milvus.schema import LONGEST, MOST_LABELS

PART = 16_000
"""Code points in a part: four bytes each fit."""

Kind = Literal["head", "text", "note"]
PART_FIELDS = ("part", "value")


def name_of(article_id: str) -> str:
    """What an article is looked up by."""
    return label_term(Label("id", article_id))


def in_order(article_id: str) -> str:
    """What the ids of an article's rows begin with, in the order of the articles' ids and safe in an expression."""
    return article_id.encode().hex()


def note_name(name: str) -> str:
    """What a note is looked up by."""
    return label_term(Label("note", name))


def article_rows(entry: Entry, number: int, revision: int) -> Rows:
    """The rows of an article, which is the record of this number."""
    article = entry.article
    known = {
        "name": name_of(article.id),
        "digest": article.digest,
        "language": article.language or "",
        "passages": len(entry.passages),
        **_filtered_by(article),
    }
    head = _rows("head", article.id, _head(article), number, revision, known)
    return head + _rows("text", article.id, article.text, number, revision, known)


def note_rows(name: str, value: str, number: int, revision: int) -> Rows:
    """The rows of a note, which is the record of this number."""
    bare = {"digest": "", "language": "", "passages": 0, "labels": [], "instant": NEVER}
    return _rows("note", name, value, number, revision, {**bare, "name": note_name(name)})


def _rows(kind: Kind, name: str, text: str, number: int, revision: int, known: Mapping[str, Any]) -> Rows:
    return [
        {
            **known,
            "id": f"{in_order(name)} {kind} {number} {part}",
            "kind": kind if part == 0 else f"{kind} goes on",
            "record": number,
            "part": part,
            "born": revision,
            "value": value,
        }
        for part, value in enumerate(_parts(text))
    ]


def _parts(text: str) -> Iterator[str]:
    for at in range(0, max(len(text), 1), PART):
        yield text[at : at + PART]


def all_parts(kind: Kind) -> str:
    """That a row is the first part or another one of what is of this kind."""
    return among("kind", [kind, f"{kind} goes on"])


def joined(rows: Iterable[Mapping[str, Any]]) -> str:
    """The text whose parts these rows are."""
    return "".join(row["value"] for row in sorted(rows, key=lambda row: row["part"]))


def _head(article: Article) -> str:
    names = ("id", "title", "source", "author", "published", "url", "language", "tags", "breaks", "removed")
    fields = {name: getattr(article, name) for name in names}
    return json.dumps({**fields, "metadata": dict(article.metadata)}, ensure_ascii=False, separators=(",", ":"))


def article_of(head: str, text: str | None = None) -> Article:
    """The article of a head; without a text, also without what tells of it."""
    held: dict[str, Any] = json.loads(head)
    breaks, tags, removed = (tuple(held.pop(name)) for name in ("breaks", "tags", "removed"))
    if text is None:
        return Article(**held, text="", tags=tags)
    return Article(**held, text=text, breaks=tuple(Break(*mark) for mark in breaks), tags=tags, removed=removed)


def passage_rows(entry: Entry, number: int, first: int, revision: int) -> Rows:
    """The rows of an article's passages, the first of which has the key `first`."""
    article = entry.article
    shared = {
        "record": number,
        "born": revision,
        "spelt_title": spelt_text(analysis.spelt(article.title or "")),
        **_filtered_by(article),
    }
    title = " ".join(analysis.terms(f"{article.title or ''} {article.source or ''}", article.language))
    made = []
    for passage, digest in zip(entry.passages, entry.digests, strict=True):
        row = {**shared, "key": first + passage.ordinal, "digest": digest.hex(), **_place(passage)}
        row["spelt"] = spelt_text(analysis.spelt(passage.text))
        row["body"] = " ".join(analysis.terms(passage.text, article.language))
        made.append({**row, "title": _fitting(title)})
    return made


def _place(passage: Passage) -> dict[str, Any]:
    return {"ordinal": passage.ordinal, "start": passage.start, "stop": passage.end, "text": passage.text}


def passage_of(row: Mapping[str, Any], article_id: str) -> Passage:
    """The passage of a row."""
    return Passage(article_id, row["ordinal"], row["start"], row["stop"], row["text"])


def _filtered_by(article: Article) -> dict[str, Any]:
    instant = instant_of(article)
    labels = sorted(map(label_term, labels_of(article)))
    return {"labels": labels, "instant": NEVER if instant is None else instant}


def check(entries: Sequence[Entry]) -> None:
    """Refuse what does not fit into Milvus' fields; raises ValueError naming the article."""
    for entry in entries:
        article = entry.article
        if len(labels_of(article)) > MOST_LABELS:
            raise ValueError(f"article {article.id!r} has more than {MOST_LABELS} tags and authors")
        if len(article.id.encode()) > LONGEST // 4:
            raise ValueError(f"article {article.id!r} has an id of more than {LONGEST // 4} bytes")
        for text in (article.title or "", *(passage.text for passage in entry.passages)):
            if len(text.encode()) > LONGEST // 4:
                raise ValueError(f"article {article.id!r} has a title or a passage of more than {LONGEST // 4} bytes")


def _fitting(terms: str) -> str:
    """Terms of a title and an outlet's name as far as a field takes them."""
    return terms if len(terms.encode()) <= LONGEST else terms[: LONGEST // 4].rpartition(" ")[0]
