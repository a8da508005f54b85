"""Every error that Pincite raises on purpose, as one tree.

Each error carries a stable `code` (a noun in snake case), a `message` that names the culprit and the way out, and a
`detail` mapping for machines. What status or exit code an error becomes is decided in `api.failures`, not here.
"""

from __future__ import annotations

from typing import ClassVar


class PinciteError(Exception):
    """Base of all deliberate errors.

    Args:
        message: one or two plain sentences: what is wrong with what, and what to do.
        **detail: JSON-compatible facts for machines, such as ``field`` or ``path``.
    """

    code: ClassVar[str] = "internal"

    def __init__(self, message: str, **detail: object) -> None:
        super().__init__(message)
        self.message = message
        self.detail: dict[str, object] = detail


class InvalidInput(PinciteError):
    """Something that the caller sent cannot be used; `detail["field"]` names it."""

    code = "invalid_input"


class InvalidQuery(InvalidInput):
    """A question, a filter or another part of a query cannot be used."""

    code = "invalid_query"


class InvalidArticle(InvalidInput):
    """An article cannot be stored as it was given."""

    code = "invalid_article"


class InvalidCitation(InvalidInput):
    """A citation id was not made by Pincite or was damaged on the way."""

    code = "invalid_citation"


class InvalidSetting(InvalidInput):
    """A setting, flag or environment variable has a value that cannot be used."""

    code = "invalid_setting"


class TooLarge(InvalidInput):
    """The input is larger than the stated limit."""

    code = "too_large"


class Unreadable(PinciteError):
    """A file or one record of it cannot be read as an article; the rest of the input goes on.

    Args:
        reason: why, in words for people.
        origin: the file, folder or URL.
        record: number of the record in the file, counted from 1, where there are several.
    """

    code = "unreadable"

    def __init__(self, reason: str, *, origin: str, record: int | None = None) -> None:
        where = origin if record is None else f"{origin}, record {record}"
        super().__init__(f"{where}: {reason}", origin=origin, record=record, reason=reason)
        self.reason = reason
        self.origin = origin
        self.record = record


class NotFound(PinciteError):
    """What was named is not in the library."""

    code = "not_found"


class ArticleNotFound(NotFound):
    """No article has this id."""

    code = "article_not_found"


class CollectionNotFound(NotFound):
    """No collection has this name, or the caller may not know of it: both are told in the same words."""

    code = "collection_not_found"


class Refused(PinciteError):
    """The request is not answered because of who asks, or how much is asked."""

    code = "refused"


class KeyRequired(Refused):
    """No API key was given, or one that is unknown, expired or revoked: all told in the same words."""

    code = "key_required"


class ScopeRequired(Refused):
    """The key is good, but not for this."""

    code = "scope_required"


class HostRefused(Refused):
    """The server is not known by this name, as when a web page makes its own name point here."""

    code = "host_refused"


class OriginRefused(Refused):
    """A web page of another origin asks."""

    code = "origin_refused"


class BodyTooSlow(Refused):
    """The request's body came too slowly."""

    code = "body_too_slow"


class TimedOut(PinciteError):
    """It took longer than it may."""

    code = "timed_out"


class Cancelled(PinciteError):
    """Nobody waits for the work any longer, so it was stopped."""

    code = "cancelled"


class TooManyRequests(Refused):
    """More was asked than is answered; `detail["retry_after_seconds"]` tells when to ask again."""

    code = "too_many_requests"


class LibraryError(PinciteError):
    """The library itself cannot do what was asked."""

    code = "library_error"


class LibraryMissing(LibraryError):
    """There is no library at this address, and the operation does not make one."""

    code = "library_missing"


class LibraryBusy(LibraryError):
    """Another process held the write lock for longer than the wait that was allowed."""

    code = "library_busy"


class LibraryNewer(LibraryError):
    """The library was written by a newer Pincite than this one."""

    code = "library_newer"


class LibraryDamaged(LibraryError):
    """The truth (SQLite) cannot be read or contradicts itself. Derived files never raise this: they are rebuilt."""

    code = "library_damaged"


class VectorsMissing(LibraryError):
    """Vectors cannot come into use, since some passages have none of them yet."""

    code = "vectors_missing"


class FingerprintMismatch(LibraryError):
    """The library's vectors were made with other settings (model, prompts, cutter) than the ones now given."""

    code = "fingerprint_mismatch"


class ModelError(PinciteError):
    """A model cannot be had or used."""

    code = "model_error"


class ModelUnknown(ModelError):
    """No model of this name is in the catalogue, in the cache or at this path."""

    code = "model_unknown"


class ModelChanged(ModelError):
    """A package or a converted model does not have the pinned sha256."""

    code = "model_changed"


class MissingExtra(PinciteError):
    """An optional dependency is not installed; the message says what to install."""

    code = "missing_extra"


class Unreachable(PinciteError):
    """A server does not answer."""

    code = "unreachable"


class ServerError(PinciteError):
    """A server answers with an error that has no class here, or with something that Pincite never answers."""

    code = "server_error"
