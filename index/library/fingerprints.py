"""Fingerprints of pipelines, which tell apart vectors made with different settings: as text, and in messages.

What a fingerprint says is nothing to a library, but for the name of its model, which people know it by.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from index.errors import FingerprintMismatch, LibraryError

Fingerprint = Mapping[str, object]


def packed(fingerprint: Fingerprint) -> str:
    """A fingerprint as it is stored and compared: equal ones are the same text."""
    return json.dumps(dict(fingerprint), sort_keys=True, ensure_ascii=False)


def unpacked(fingerprint: str | None) -> dict[str, object] | None:
    """A fingerprint out of what is stored; None where none was stated yet."""
    found: dict[str, object] | None = json.loads(fingerprint) if fingerprint else None
    return found


def mismatch(library: object, stored: Fingerprint | None, given: Fingerprint) -> FingerprintMismatch:
    """Of a library (its folder or address) whose pipeline in use is `stored`, and not `given`."""
    message = (
        f"{library} was made with {_model(stored or {})}, not with {_model(given)} as now set. Set the model back, run "
        "`pincite reembed` to make its vectors with another one, or run `pincite index` into a new library."
    )
    return FingerprintMismatch(message, path=str(library), stored=dict(stored or {}), given=dict(given))


def crowded(library: object, kept: Iterable[Fingerprint | None]) -> LibraryError:
    """Of a library that keeps vectors of two pipelines, and was to keep those of a third."""
    names = " and ".join(_model(fingerprint or {}) for fingerprint in kept)
    message = (
        f"{library} already keeps vectors of {names}. Delete those that are not in use with `pincite reembed --forget` "
        "first."
    )
    return LibraryError(message, path=str(library))


def _model(fingerprint: Fingerprint) -> str:
    model = fingerprint.get("model", fingerprint)
    return str(model.get("name", model)) if isinstance(model, Mapping) else str(model)
