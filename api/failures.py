"""Errors as the outside sees them: one JSON shape, and one table from error to HTTP status and exit code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from index import errors
from index.errors import PinciteError

# The most specific class of an error's family that stands here decides.
STATUS: Mapping[type[PinciteError], int] = {
    errors.InvalidInput: 422,
    errors.InvalidCitation: 404,
    errors.TooLarge: 413,
    errors.Unreadable: 422,
    errors.NotFound: 404,
    errors.KeyRequired: 401,
    errors.Refused: 403,
    errors.HostRefused: 421,
    errors.BodyTooSlow: 408,
    errors.TooManyRequests: 429,
    errors.TimedOut: 503,
    errors.Cancelled: 503,
    errors.LibraryMissing: 503,
    errors.LibraryBusy: 503,
    errors.FingerprintMismatch: 409,
    errors.LibraryError: 500,
    errors.ModelError: 503,
    errors.MissingExtra: 501,
    PinciteError: 500,
}

EXIT_DONE, EXIT_FAILED, EXIT_USAGE, EXIT_REJECTED = 0, 1, 2, 3

# Codes of errors that arise before Pincite's own code runs.
HTTP_CODES: Mapping[int, str] = {404: "no_such_route", 405: "method_not_allowed", 413: "too_large"}


def status_of(error: PinciteError) -> int:
    """The HTTP status of an error."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def headers_of(error: PinciteError) -> dict[str, str]:
    """The headers that an error's status asks for: how to prove who one is, or when to come again."""
    headers: dict[str, str] = {}
    if isinstance(error, errors.KeyRequired):
        headers["WWW-Authenticate"] = 'Bearer realm="pincite"'
    if "retry_after_seconds" in error.detail:
        headers["Retry-After"] = str(error.detail["retry_after_seconds"])
    return headers


def exit_code_of(error: PinciteError) -> int:
    """The exit code of an error: 2 for what the user can mend in the command, 1 for the rest."""
    return EXIT_USAGE if isinstance(error, errors.InvalidInput) else EXIT_FAILED


def shape(code: str, message: str, detail: Mapping[str, object] | None = None) -> dict[str, Any]:
    """The one error shape."""
    return {"error": {"code": code, "message": message, "detail": dict(detail or {})}}


def shape_of(error: PinciteError) -> dict[str, Any]:
    """The error shape of one of our own errors."""
    return shape(error.code, error.message, error.detail)


def shape_of_validation(problems: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """The error shape for a request that does not fit the documented schema; names the first field at fault.

    Values that were sent are not echoed: they may be large or not even text.
    """
    return shape_of(invalid_input(problems))


def invalid_input(problems: Sequence[Mapping[str, Any]]) -> errors.InvalidInput:
    """The same as an error of our own."""
    fields = [{"field": _field(problem["loc"]), "problem": _problem(problem["msg"])} for problem in problems]
    first = fields[0]
    return errors.InvalidInput(f"{first['field']}: {first['problem']}.", field=first["field"], fields=fields)


def _problem(message: str) -> str:
    """The problem in words, without what pydantic sets before our own."""
    return message.removeprefix("Value error, ").rstrip(".")


def _field(location: Sequence[object]) -> str:
    """`filters.languages.0` from pydantic's path, which starts with where in the request it was."""
    inside = [str(part) for part in location[1:] if not isinstance(part, int) or len(location) > 2]
    return ".".join(inside).encode(errors="replace").decode() or str(location[0] if location else "body")
