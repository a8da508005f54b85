"""API keys: made, found, revoked; kept in one JSON file outside the libraries.

A key is 256 random bits, so its SHA-256 is all that need be kept: there is nothing to guess that a slow hash would have
to protect, unlike with passwords. The key itself is told once and never written. The file is looked at again whenever
it changed, so that a running server takes up new and revoked keys at once. Knows no HTTP.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, NamedTuple, get_args

from index.errors import InvalidInput, InvalidSetting, NotFound
from index.library.local.files import replaced
from index.library.local.lock import FileLock

Scope = Literal["search", "write", "admin"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
EVERY_COLLECTION = "*"
PREFIX = "pincite"
SECONDS_TO_WAIT = 10.0


@dataclass(frozen=True, slots=True)
class Key:
    """What is kept of a key. Times are ISO 8601 in UTC.

    Attributes:
        id: public, part of the key; tells which one it is.
        name: what the operator calls it.
        scopes: what it may do.
        collections: which collections it may use, `*` standing for all.
        digest: the SHA-256 of the whole key, in hexadecimal.
        created, expires, revoked: when; None where it never is.
    """

    id: str
    name: str
    scopes: tuple[Scope, ...]
    collections: tuple[str, ...]
    digest: str
    created: str
    expires: str | None = None
    revoked: str | None = None

    def state(self, now: datetime) -> Literal["good", "expired", "revoked"]:
        """Whether it opens anything at this time."""
        if self.revoked:
            return "revoked"
        return "expired" if self.expires and datetime.fromisoformat(self.expires) <= now else "good"


class _Seen(NamedTuple):
    """Tells one content of the file from another: it is replaced as a whole, never written in place."""

    inode: int
    changed: int
    size: int


class KeyRing:
    """The keys in a file, which need not be there yet. Safe to use from several threads and processes.

    Args:
        path: the file.
        now: the clock.
    """

    def __init__(self, path: Path, now: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._path, self._now = path, now
        self._in_force = False
        self._loaded: tuple[_Seen | None, dict[str, Key]] = (None, {})

    def listed(self) -> list[Key]:
        """All keys, the oldest first, also those that no longer open anything.

        Raises:
            InvalidSetting: the file is not one of keys.
        """
        return list(self._current().values())

    @property
    def in_force(self) -> bool:
        """Whether keys are asked for: once there was one, whatever becomes of it."""
        self._in_force = self._in_force or bool(self._current())
        return self._in_force

    def create(
        self, name: str, scopes: Sequence[Scope], collections: Sequence[str], life: timedelta | None = None
    ) -> tuple[Key, str]:
        """A new key: what is kept of it, and the key itself, which cannot be had again.

        Raises:
            InvalidInput: a good key has this name already, or the key would open nothing.
        """
        if not scopes or not collections:
            raise InvalidInput("A key needs at least one scope and one collection.", field="scope")
        now = self._now()
        number = secrets.token_hex(6)
        secret = f"{PREFIX}_{number}_{secrets.token_urlsafe(32)}"
        expires = (now + life).isoformat(timespec="seconds") if life else None
        created = now.isoformat(timespec="seconds")
        key = Key(number, name, tuple(scopes), tuple(collections), _digest(secret), created, expires)
        with self._writing():
            held = self._current()
            if any(one.name == name and one.state(now) == "good" for one in held.values()):
                raise InvalidInput(
                    f"There is a key named {name!r} already. Revoke it, or take another name.", field="name"
                )
            self._write([*held.values(), key])
        return key, secret

    def revoke(self, name: str) -> list[Key]:
        """Take back the keys of this name or id; they are told as they are now.

        Raises:
            NotFound: there is no such key that is not revoked already.
        """
        when = self._now().isoformat(timespec="seconds")
        with self._writing():
            held = self._current()
            revoked = {
                key.id: replace(key, revoked=when)
                for key in held.values()
                if name in {key.name, key.id} and not key.revoked
            }
            if not revoked:
                raise NotFound(f"There is no key {name!r} to revoke. `pincite keys list` shows them.")
            self._write(list((held | revoked).values()))
        return list(revoked.values())

    def find(self, secret: str) -> Key | None:
        """The key, if it is one of ours, not expired and not revoked. Takes as long whatever of it is wrong."""
        number = secret.removeprefix(f"{PREFIX}_").partition("_")[0]
        key = self._current().get(number)
        same = hmac.compare_digest(_digest(secret), key.digest if key else _digest(""))
        return key if key and same and key.state(self._now()) == "good" else None

    def _current(self) -> dict[str, Key]:
        seen = self._seen()
        if seen != self._loaded[0]:
            self._loaded = (seen, _read(self._path) if seen else {})
        return self._loaded[1]

    def _seen(self) -> _Seen | None:
        try:
            found = self._path.stat()
        except FileNotFoundError:
            return None
        return _Seen(found.st_ino, found.st_mtime_ns, found.st_size)

    def _writing(self) -> AbstractContextManager[None]:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return FileLock(self._path.with_name(f"{self._path.name}.lock")).held(SECONDS_TO_WAIT)

    def _write(self, keys: Sequence[Key]) -> None:
        content = json.dumps({"keys": [asdict(key) for key in keys]}, indent=1, ensure_ascii=False)
        replaced(self._path, content.encode(), mode=0o600)


def checked_scopes(names: Sequence[str]) -> list[Scope]:
    """Scopes by name.

    Raises:
        InvalidInput: there is none of such a name.
    """
    found: list[Scope] = [scope for scope in SCOPES if scope in names]
    if unknown := [name for name in names if name not in SCOPES]:
        raise InvalidInput(f"There is no scope {unknown[0]!r}; there are {', '.join(SCOPES)}.", field="scope")
    return found


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def _read(path: Path) -> dict[str, Key]:
    try:
        kept = json.loads(path.read_text("utf-8"))["keys"]
        keys = [Key(**one | {"scopes": tuple(one["scopes"]), "collections": tuple(one["collections"])}) for one in kept]
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"{path} cannot be read as a file of keys ({error}). Put it back from a copy, or name another one."
        raise InvalidSetting(message, field="PINCITE_KEYS") from error
    return {key.id: key for key in keys}
