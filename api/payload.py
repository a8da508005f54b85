"""Reading the bodies of requests that carry articles: one object, an array, or one object a line.

Strict about JSON (no NaN, no duplicate meaning, bounded depth) and patient about articles: what is wrong with one
record is that record's own rejection. Knows no routes and stores nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NoReturn

from index.articles.article import Draft
from index.articles.readers import record_draft
from index.errors import InvalidInput, PinciteError, TooLarge, Unreadable

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
        InvalidInput: the body as a whole cannot be read.
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
    return [_draft(record, number) for number, record in enumerate(records, start=1)], single


def _lines(body: bytes) -> Iterator[Any]:
    for line in body.splitlines():
        if line.strip():
            try:
                yield parse_json(line)
            except InvalidInput as error:
                yield error


def _draft(record: Any, number: int) -> Draft | Unreadable:
    if isinstance(record, InvalidInput):
        return Unreadable(record.message, origin="request", record=number)
    try:
        return record_draft(record, "request", number)
    except Unreadable as error:
        return error


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
