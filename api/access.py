"""Who asks, and what they may reach: every request carries one `Access`, whichever shape it came in.

Unknown and forbidden collections are told in the same words, so that nothing of one shows to those who may not use it.
"""

from __future__ import annotations

from dataclasses import dataclass

from api.collections import Collections
from api.keys import EVERY_COLLECTION, SCOPES, Key, KeyRing, Scope
from api.service import Service
from api.shelf import DEFAULT, not_found
from index.errors import KeyRequired, ScopeRequired


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks: a key's name and id, what it may do and in which collections. Without a key, `id` is empty."""

    id: str
    name: str
    scopes: frozenset[Scope]
    collections: frozenset[str]

    @classmethod
    def of(cls, key: Key) -> Caller:
        """The caller who holds this key."""
        return cls(key.id, key.name, frozenset(key.scopes), frozenset(key.collections))

    def may(self, scope: Scope) -> bool:
        """Whether this may be done; `admin` may do everything."""
        return scope in self.scopes or "admin" in self.scopes

    def may_use(self, collection: str) -> bool:
        """Whether this collection may be used."""
        return collection in self.collections or EVERY_COLLECTION in self.collections


ANYBODY = Caller("", "anybody", frozenset(SCOPES), frozenset({EVERY_COLLECTION}))
"""Everyone, where no keys are in use."""

NOBODY = Caller("", "nobody", frozenset(), frozenset())
"""Who gave no key where one is needed, at the few addresses that answer such callers."""


@dataclass(frozen=True, slots=True)
class Access:
    """What a caller may reach of the collections."""

    collections: Collections
    caller: Caller

    def require(self, scope: Scope, *, everywhere: bool = False) -> None:
        """Go on only if the caller may do this; `everywhere` means in every collection, also those that are not yet.

        Raises:
            KeyRequired: nobody in particular asks.
            ScopeRequired: the key is not for this.
        """
        if self.caller == NOBODY:
            raise key_required()
        if not self.caller.may(scope):
            raise ScopeRequired(f"This key does not have the scope {scope!r}, which this needs.", scope=scope)
        if everywhere and EVERY_COLLECTION not in self.caller.collections:
            raise ScopeRequired("This key is bound to collections, and this needs one for all of them.", scope=scope)

    def names(self, scope: Scope = "search") -> list[str]:
        """The collections that the caller may use, `default` first.

        Raises:
            KeyRequired, ScopeRequired: see `require`.
        """
        self.require(scope)
        return [name for name in self.collections.names() if self.caller.may_use(name)]

    def service(self, name: str | None = None, scope: Scope = "search") -> Service:
        """The service of a collection; without a name, the key's own where it has one only, else `default`.

        Raises:
            KeyRequired, ScopeRequired: see `require`.
            CollectionNotFound: there is no such collection, or this caller may not know of it.
        """
        self.require(scope)
        wanted = name or self._usual()
        if not self.caller.may_use(wanted):
            raise not_found(wanted)
        return self.collections.service(wanted)

    def _usual(self) -> str:
        own = self.caller.collections - {EVERY_COLLECTION}
        return next(iter(own)) if len(own) == len(self.caller.collections) == 1 else DEFAULT


def access_of(secret: str | None, keys: KeyRing | None, collections: Collections) -> Access:
    """What the holder of this key may reach.

    Args:
        secret: the key that came with the request.
        keys: the keys in use; None where everybody may do everything.
        collections: what there is.

    Raises:
        KeyRequired: a key came that opens nothing.
    """
    if keys is None or not keys.in_force:
        return Access(collections, ANYBODY)
    if secret is None:
        return Access(collections, NOBODY)
    key = keys.find(secret)
    if key is None:
        raise key_required()
    return Access(collections, Caller.of(key))


def key_required() -> KeyRequired:
    """The one thing said of missing and of bad keys."""
    return KeyRequired(
        "A valid API key is required: send it as `Authorization: Bearer KEY`. `pincite keys create` makes one."
    )
