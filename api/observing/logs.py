"""Logs on standard error: lines for people, or one JSON object a line.

Every record carries the id of the request that it belongs to. An error is told by its kind and the places that it came
through, not by its message, which may quote what somebody sent.
"""

from __future__ import annotations

import json
import logging
import logging.config
import re
import secrets
import traceback
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Literal

Format = Literal["text", "json"]

REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)

_GOOD_ID = re.compile(r"[A-Za-z0-9._:-]{1,64}")
_USUAL = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


def request_id(given: str | None) -> str:
    """The id that a request came with where that is one that can be logged, else a new one."""
    return given if given and _GOOD_ID.fullmatch(given) else secrets.token_hex(8)


class JsonLines(logging.Formatter):
    """One JSON object a record: time, level, logger, message, request_id, what the record says besides, and errors."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as one line."""
        told: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if identity := REQUEST_ID.get():
            told["request_id"] = identity
        told |= {name: value for name, value in vars(record).items() if name not in _USUAL}
        if record.exc_info and record.exc_info[1]:
            told["error"] = list(places(record.exc_info[1]))
        return json.dumps(told, ensure_ascii=False, default=str)


class Lines(logging.Formatter):
    """One line a record for people, errors on the lines below."""

    def format(self, record: logging.LogRecord) -> str:
        """The record as lines."""
        time = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S")
        identity = REQUEST_ID.get()
        where = f" [{identity}]" if identity else ""
        line = f"{time} {record.levelname.lower():<7} {record.getMessage()}{where}"
        if record.exc_info and record.exc_info[1]:
            return "\n    ".join([line, *places(record.exc_info[1])])
        return line


def places(error: BaseException) -> Iterator[str]:
    """An error's kind and the places that it came through, the innermost last; of what it came from likewise."""
    if cause := error.__cause__ or error.__context__:
        yield from places(cause)
    yield type(error).__name__
    for frame in traceback.extract_tb(error.__traceback__):
        yield f"{frame.filename}:{frame.lineno} {frame.name}"


def configured(style: Format) -> dict[str, Any]:
    """The configuration of all logging, ours and the server's, in this style. `apply` puts it into force."""
    kind = JsonLines if style == "json" else Lines
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"lines": {"()": kind}},
        "handlers": {"standard error": {"class": "logging.StreamHandler", "formatter": "lines"}},
        "root": {"handlers": ["standard error"], "level": "WARNING"},
        "loggers": {name: {"level": "INFO"} for name in ("pincite", "api", "search", "index")}
        | {"uvicorn": {"level": "INFO"}, "uvicorn.access": {"level": "WARNING"}},
    }


def apply(style: Format) -> None:
    """Log in this style from now on."""
    logging.config.dictConfig(configured(style))
