"""The calls that are made to Milvus, and its errors as ours. Knows collections by name, and no library.

Every call says how fresh what it reads must be: ``Strong`` waits for all that was acknowledged before it, ``Bounded``
may lag some seconds behind. What is given as `expression` must come from `expressions`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import grpc
from pymilvus import MilvusClient, MilvusException

from index.errors import LibraryError, Unreachable
from index.library.contract import Vectors
from index.library.milvus import schema
from index.library.milvus.address import Address
from index.library.milvus.expressions import among, negated, quoted

Rows = list[dict[str, Any]]

PAGE = 4_000
"""Rows that are read or written in one call, and values that are asked for in one expression, at most."""

WRITTEN = 500
MOST_FOUND = 16_384
"""How many results Milvus gives of one search, at most."""

SECONDS = 60.0

QUIET = {"grpc.keepalive_time_ms": 300_000, "grpc.keepalive_permit_without_calls": 0}
"""Pings of an idle connection: pymilvus sends one every ten seconds, and a server that keeps to gRPC's own defaults
(milvus-lite does) hangs up on who pings more often than every five minutes: "too many pings"."""

logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # it logs each error with a traceback, and raises it as well


class Engine:
    """One library's collections on a Milvus server. Safe to use from several threads."""

    def __init__(self, address: Address) -> None:
        self.address = address
        with self._errors():
            self._client = MilvusClient(address.uri, token=address.token, timeout=10, grpc_options=QUIET)
            self.version = self._version()
        self.bm25 = self.version >= (2, 5)
        self._present: set[str] = set()
        self._making = threading.Lock()

    @property
    def embedded(self) -> bool:
        """Whether this is milvus-lite, the core in a process of its own: it knows no versions, and no ``not``."""
        return self.version == (2, 5, 1, -1)

    def _version(self) -> tuple[int, ...]:
        try:
            text = self._client.get_server_version()
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.UNIMPLEMENTED:
                raise
            return (2, 5, 1, -1)
        digits = [part for part in text.removeprefix("v").split("-")[0].split(".") if part.isdigit()]
        return tuple(map(int, digits))

    # Collections

    def has(self, kind: str) -> bool:
        """Whether there is this collection; looked up until it is there."""
        if kind not in self._present:
            with self._errors():
                if not self._client.has_collection(self._name(kind), timeout=SECONDS):
                    return False
                self._load(kind)
            self._present.add(kind)
        return True

    def make(self, kind: str, dimensions: int = 0) -> None:
        """Make this collection unless it is there."""
        base = kind.partition("_")[0]
        with self._making, self._errors():
            if self.has(kind):
                return
            fields = schema.schema(base, dimensions=dimensions, bm25=self.bm25)
            name, shards = self._name(kind), self.address.shards
            self._client.create_collection(
                name, schema=fields, num_shards=shards, consistency_level="Strong", timeout=SECONDS
            )
            found_by = schema.indexes(base, self.address, bm25=self.bm25)
            self._client.create_index(name, found_by, timeout=SECONDS, sync=False)
            self._load(kind)
            self._present.add(kind)

    def drop(self, kind: str) -> None:
        """Delete this collection, if it is there."""
        self._present.discard(kind)
        with self._errors():
            self._client.drop_collection(self._name(kind), timeout=SECONDS)

    def kinds(self) -> list[str]:
        """The collections that there are of this library."""
        with self._errors():
            names = self._client.list_collections(timeout=SECONDS)
        return [name.removeprefix(self._name("")) for name in names if name.startswith(self._name(""))]

    def _load(self, kind: str) -> None:
        replicas = {} if self.address.replicas == 1 else {"replica_number": self.address.replicas}
        self._client.load_collection(self._name(kind), timeout=SECONDS, **replicas)

    def _name(self, kind: str) -> str:
        return f"{self.address.name}__{kind}"

    # Reading

    def rows(
        self, kind: str, expression: str, fields: Sequence[str], level: str = "Strong", limit: int | None = None
    ) -> Rows:
        """The rows for which an expression holds, by ascending primary key; the first `limit` of them."""
        found: Rows = []
        for page in self.pages(kind, expression, fields, level, limit):
            found += page
        return found

    def pages(
        self, kind: str, expression: str, fields: Sequence[str], level: str = "Strong", limit: int | None = None
    ) -> Iterator[Rows]:
        """The same, some at a time."""
        if limit is None:
            found = self._page(kind, expression, fields, PAGE, level, ordered=False)
            if len(found) < PAGE:
                yield found
                return
        primary, left, beyond = _primary(kind), MOST_FOUND**3 if limit is None else limit, ""
        # Shards' rows are merged in order up to the end of the first shard's, so that only an empty page is the last.
        while left > 0 and (found := self._page(kind, f"({expression}){beyond}", fields, min(left, PAGE), level)):
            yield found
            left -= len(found)
            beyond = f" and {primary} > {quoted(found[-1][primary])}"

    def _page(
        self, kind: str, expression: str, fields: Sequence[str], count: int, level: str, *, ordered: bool = True
    ) -> Rows:
        """Some rows, by primary key: the first ones where `ordered`, any ones where not."""
        primary = _primary(kind)
        order = {"iterator": "True", "reduce_stop_for_best": "True"} if ordered else {}
        with self._errors():
            page = self._client.query(
                self._name(kind),
                filter=expression,
                output_fields=[primary, *fields],
                limit=count,
                consistency_level=level,
                timeout=SECONDS,
                **order,
            )
        return sorted((dict(row) for row in page), key=lambda row: row[primary])

    def among(
        self, kind: str, field: str, values: Sequence[str | int], expression: str, fields: Sequence[str], level: str
    ) -> Rows:
        """The rows for which an expression holds and a field has one of these values."""
        found: Rows = []
        for at in range(0, len(values), PAGE):
            asked = f"{among(field, values[at : at + PAGE])} and {expression}"
            found += self.rows(kind, asked, fields, level)
        return found

    def count(self, kind: str, expression: str) -> int:
        """For how many rows an expression holds, by what was acknowledged."""
        with self._errors():
            found = self._client.query(
                self._name(kind),
                filter=expression,
                output_fields=["count(*)"],
                consistency_level="Strong",
                timeout=SECONDS,
            )
        return int(found[0]["count(*)"])

    def nearest(self, kind: str, vector: Vectors, expression: str, limit: int, level: str) -> list[tuple[int, float]]:
        """The keys of the vectors nearest to one by inner product, and the products, best first."""
        ef = {"ef": max(schema.EF, limit)} if self.address.index == "HNSW" else {}
        parameters = {"metric_type": "IP", "params": ef}
        return self._found(kind, vector.tolist(), "vector", parameters, expression, limit, level)

    def matching(self, text: str, field: str, expression: str, limit: int, level: str) -> list[tuple[int, float]]:
        """The keys of the passages that match terms, joined by spaces, best, and their BM25 scores, best first."""
        parameters: dict[str, Any] = {"metric_type": "BM25", "params": {}}
        return self._found("passages", text, f"{field}_bm25", parameters, expression, limit, level)

    def _found(
        self, kind: str, asked: Any, field: str, parameters: dict[str, Any], expression: str, limit: int, level: str
    ) -> list[tuple[int, float]]:
        with self._errors():
            found = self._client.search(
                self._name(kind),
                [asked],
                anns_field=field,
                search_params=parameters,
                filter=expression,
                limit=min(limit, MOST_FOUND),
                consistency_level=level,
                timeout=SECONDS,
            )
        return [(int(hit["id"]), float(hit["distance"])) for hit in found[0]]

    def negation(self, revision: int, level: str) -> Any:
        """How to say ``not``: by its word. Milvus-lite does not know it, so there the keys are looked up first."""
        if not self.embedded:
            return negated

        def excluded(expression: str) -> str:
            holding = self.rows("passages", f"died > {revision} and ({expression})", [], level)
            return f"key not in [{', '.join(str(row['key']) for row in holding)}]" if holding else "born >= 0"

        return excluded

    # Writing

    def insert(self, kind: str, rows: Rows) -> None:
        """Add rows, whose primary keys are new."""
        for at in range(0, len(rows), WRITTEN):
            with self._errors():
                self._client.insert(self._name(kind), rows[at : at + WRITTEN], timeout=SECONDS)

    def upsert(self, kind: str, rows: Rows) -> None:
        """Put rows in the place of those with the same primary keys."""
        for at in range(0, len(rows), WRITTEN):
            with self._errors():
                self._client.upsert(self._name(kind), rows[at : at + WRITTEN], timeout=SECONDS)

    def delete(self, kind: str, expression: str) -> None:
        """Remove the rows for which an expression holds."""
        with self._errors():
            self._client.delete(self._name(kind), filter=expression, timeout=SECONDS)

    def fields(self, kind: str) -> list[str]:
        """The fields of this collection that a row is written with."""
        made = schema.schema(kind.partition("_")[0], dimensions=2, bm25=self.bm25)
        return [field.name for field in made.fields if not field.name.endswith("_bm25")]

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except (MilvusException, grpc.RpcError) as error:
            where = f"{self.address}"
            message = getattr(error, "message", "") or str(error)
            if getattr(error, "code", None) == 2 or isinstance(error, grpc.RpcError):
                raise Unreachable(f"Milvus does not answer at {where} ({message}). Is it running?") from error
            raise LibraryError(f"Milvus at {where} cannot do this: {message}", address=where) from error


def _primary(kind: str) -> str:
    return "key" if kind == "passages" or kind.startswith("vectors") else "id"
