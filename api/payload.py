"""Reading the bodies of requests that carry articles: one object, an array, or one object a line.

Strict about JSON (no NaN, no duplicate meaning, bounded depth) and patient about articles: what is wrong with one
record is that record's own rejection. Knows no routes and stores nothing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, NoReturn

from index.articles.article import Draft
from index.articles.readers import record_draft
from index.errors import InvalidArticle, InvalidInput, PinciteError, TooLarge, Unreadable

ORIGIN = "request"
MOST_ARTICLES = 10_000
DEEPEST = 64


def parse_json(body: bytes) -> Any:
    """The JSON value of a body.

    Raises:
        InvalidInput: it is not JSON, not UTF-8, nested too deeply, or holds numbers that JSON does not have.
    """
    try:
        value = json.loads(body, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"The body is not JSON: {_reason(error)}", field="body") from error
    if _depth_exceeds(value, DEEPEST):
        raise InvalidInput(f"The body is nested more than {DEEPEST} levels deep.", field="body")
    return value


def parse_articles(body: bytes, *, lines: bool) -> tuple[list[Draft | Unreadable], bool]:
    """Drafts from a body, one a record, and whether the body was a single article.

    Args:
        body: JSON, or newline-delimited JSON.
        lines: read it as one article a line.

    Raises:
        InvalidInput: the body as a whole cannot be read, or the single article cannot be used.
        TooLarge: it holds more than `MOST_ARTICLES` articles.
    """
    records = list(_lines(body)) if lines else parse_json(body)
    single = isinstance(records, dict)
    if single:
        records = [records]
    if not isinstance(records, list):
        raise InvalidInput("The body must be an article or an array of articles.", field="body")
    if len(records) > MOST_ARTICLES:
        raise TooLarge(
            f"{len(records):,} articles were sent; at most {MOST_ARTICLES:,} go in one request.", field="body"
        )
    if single:
        return [article_draft(records[0])], True
    return [_draft(record, number) for number, record in enumerate(records, start=1)], False


def _lines(body: bytes) -> Iterator[Any]:
    for line in body.splitlines():
        if line.strip():
            try:
                yield parse_json(line)
            except InvalidInput as error:
                yield error


def _draft(record: Any, number: int) -> Draft | Unreadable:
    if isinstance(record, InvalidInput):
        return Unreadable(record.message, origin=ORIGIN, record=number)
    if not isinstance(record, dict):
        return Unreadable("an article must be a JSON object", origin=ORIGIN, record=number)
    try:
        return article_draft(record)
    except InvalidArticle as error:
        return Unreadable(error.message, origin=ORIGIN, record=number)


def article_draft(record: dict[str, Any]) -> Draft:
    """The draft in one record. Without an id and an address its content is its name: the same text, the same article.

    Raises:
        InvalidArticle: a field cannot be used.
    """
    draft = record_draft(record, ORIGIN)
    if draft.id is None and draft.url is None:
        digest = hashlib.sha256(draft.content.encode(errors="replace")).hexdigest()
        return replace(draft, id=f"text-{digest[:16]}")
    return draft


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def _reason(error: Exception) -> str:
    return "it is nested too deeply." if isinstance(error, RecursionError) else f"{error}."


def _depth_exceeds(value: Any, most: int) -> bool:
    """Whether lists and objects are nested more than `most` deep; walks level by level, so it cannot overflow."""
    level = [value]
    for _ in range(most):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return False
    return True


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def as_error(error: PinciteError) -> dict[str, Any]:
    """A record's rejection as it stands in a reply."""
    return {"code": error.code, "message": error.message, "detail": error.detail}
