"""The calls that are made to Milvus, and its errors as ours. Knows collections by name, and no library.

Every call says how fresh what it reads must be: ``Strong`` waits for all that was acknowledged before it, ``Bounded``
may lag some seconds behind. What is given as `expression` must come from `expressions`.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import grpc
from pymilvus import MilvusClient, MilvusException

from index.errors import LibraryError, Unreachable
from index.library.contract import Vectors
from index.library.milvus import schema
from index.library.milvus.address import Address
from index.library.milvus.expressions import Negation, among, negated, quoted

Rows = list[dict[str, Any]]

PAGE = 4_000
"""Rows that are read or written in one call, and values that are asked for in one expression, at most."""

WRITTEN = 500
MOST_FOUND = 16_384
"""How many results Milvus gives of one search, at most."""

SECONDS = 60.0
PATIENCE_SECONDS = 10.0
"""How long a read may take before it is asked once more. Where a query node was just lost, the proxy of a cluster stays
with it for as long as it may, and asks another replica then: given 60 seconds, 2.3.5 took 33 and gave up; given 10, it
took 6.5 and answered."""

QUIET = {"grpc.keepalive_time_ms": 300_000, "grpc.keepalive_permit_without_calls": 0}
"""Pings of an idle connection: pymilvus sends one every ten seconds, and a server that keeps to gRPC's own defaults
(milvus-lite does) hangs up on who pings more often than every five minutes: "too many pings"."""

log = logging.getLogger(__name__)
logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # it logs each error with a traceback, and raises it as well


class Engine:
    """One library's collections on a Milvus server. Safe to use from several threads."""

    def __init__(self, address: Address) -> None:
        self.address = address
        self._client = self._called(MilvusClient, address.uri, token=address.token, grpc_options=QUIET, timeout=10)
        version = self._called(self._version)
        self.embedded = version is None
        self.bm25 = version is None or version >= (2, 5)
        self._present: set[str] = set()

    def _version(self, timeout: float) -> tuple[int, ...] | None:
        """The server's version; None of milvus-lite, the core in a process of its own: it knows no versions."""
        try:
            text = self._client.get_server_version(timeout=timeout)
        except grpc.RpcError as error:
            if error.code() != grpc.StatusCode.UNIMPLEMENTED:
                raise
            return None
        return tuple(int(part) for part in text.removeprefix("v").split("-")[0].split(".") if part.isdigit())

    # Collections

    def has(self, kind: str) -> bool:
        """Whether there is this collection; looked up until it is there."""
        if kind not in self._present:
            if not self._called(self._client.has_collection, self._name(kind)):
                return False
            self._load(kind)
        return True

    def make(self, kind: str, dimensions: int = 0) -> None:
        """Make this collection unless it is there."""
        if self.has(kind):
            return
        name, shards = self._name(kind), self.address.shards
        fields = schema.schema(kind, dimensions=dimensions, bm25=self.bm25)
        create, strong = self._client.create_collection, "Strong"
        self._called(create, name, schema=fields, num_shards=shards, consistency_level=strong)
        found_by = schema.indexes(kind, self.address, bm25=self.bm25)
        self._called(self._client.create_index, name, found_by, sync=False)
        self._load(kind)

    def drop(self, kind: str) -> None:
        """Delete this collection, if it is there."""
        self._present.discard(kind)
        self._called(self._client.drop_collection, self._name(kind))

    def _load(self, kind: str) -> None:
        replicas = {} if self.address.replicas == 1 else {"replica_number": self.address.replicas}
        self._called(self._client.load_collection, self._name(kind), **replicas)
        self._present.add(kind)

    def _name(self, kind: str) -> str:
        return f"{self.address.name}__{kind}"

    # Reading

    def rows(
        self, kind: str, expression: str, fields: Sequence[str], level: str = "Strong", limit: int | None = None
    ) -> Rows:
        """The rows for which an expression holds, by ascending primary key; the first `limit` of them."""
        return [row for page in self.pages(kind, expression, fields, level, limit) for row in page]

    def pages(
        self, kind: str, expression: str, fields: Sequence[str], level: str = "Strong", limit: int | None = None
    ) -> Iterator[Rows]:
        """The same, some at a time."""
        if limit is None:
            found = self._page(kind, expression, fields, PAGE, level)
            if len(found) < PAGE:
                yield found
                return
        primary, left, beyond = schema.primary(kind), MOST_FOUND**3 if limit is None else limit, ""
        # Shards' rows are merged in order up to the end of the first shard's, so that only an empty page is the last.
        in_order = {"iterator": "True", "reduce_stop_for_best": "True"}
        while left > 0:
            found = self._page(kind, f"({expression}){beyond}", fields, min(left, PAGE), level, **in_order)
            if not found:
                return
            yield found
            left -= len(found)
            beyond = f" and {primary} > {quoted(found[-1][primary])}"

    def _page(self, kind: str, expression: str, fields: Sequence[str], count: int, level: str, **options: str) -> Rows:
        """So many rows by primary key: any ones, or the first ones where the options say so."""
        name, primary = self._name(kind), schema.primary(kind)
        asked: dict[str, Any] = {"filter": expression, "limit": count, "consistency_level": level, **options}
        page = self._read(self._client.query, name, output_fields=[primary, *fields], **asked)
        return sorted((dict(row) for row in page), key=lambda row: row[primary])

    def among(
        self, kind: str, field: str, values: Sequence[str | int], fields: Sequence[str], level: str, more: str = ""
    ) -> Rows:
        """The rows in which a field has one of these values, and for which an expression holds."""
        found: Rows = []
        for at in range(0, len(values), PAGE):
            asked = among(field, values[at : at + PAGE]) + (f" and {more}" if more else "")
            found += self.rows(kind, asked, fields, level)
        return found

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
        (found,) = self._read(
            self._client.search,
            self._name(kind),
            [asked],
            anns_field=field,
            search_params=parameters,
            filter=expression,
            limit=min(limit, MOST_FOUND),
            consistency_level=level,
        )
        return [(int(hit["id"]), float(hit["distance"])) for hit in found]

    def negation(self, level: str) -> Negation:
        """How to say ``not``: by its word. Milvus-lite does not know it, so there the keys are looked up first."""
        if not self.embedded:
            return negated

        def excluded(expression: str) -> str:
            holding = self.rows("passages", expression, [], level)
            return f"key not in [{', '.join(str(row['key']) for row in holding)}]" if holding else "born >= 0"

        return excluded

    # Writing

    def insert(self, kind: str, rows: Rows) -> None:
        """Add rows, whose primary keys are new."""
        self._write(self._client.insert, kind, rows)

    def upsert(self, kind: str, rows: Rows) -> None:
        """Put rows in the place of those with the same primary keys; who reads meanwhile may see neither."""
        self._write(self._client.upsert, kind, rows)

    def _write(self, call: Callable[..., Any], kind: str, rows: Rows) -> None:
        for at in range(0, len(rows), WRITTEN):
            some = [schema.written(kind, row, bm25=self.bm25) for row in rows[at : at + WRITTEN]]
            self._called(call, self._name(kind), some)

    def delete(self, kind: str, expression: str) -> None:
        """Remove the rows for which an expression holds."""
        self._called(self._client.delete, self._name(kind), filter=expression)

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def _read(self, call: Callable[..., Any], *given: Any, **named: Any) -> Any:
        """What a call that changes nothing gives, at the second attempt if need be."""
        try:
            return self._called(call, *given, timeout=PATIENCE_SECONDS, **named)
        except (LibraryError, Unreachable) as error:
            log.warning("asked once more: %s", error)
            return self._called(call, *given, **named)

    def _called(self, call: Callable[..., Any], *given: Any, timeout: float = SECONDS, **named: Any) -> Any:
        """What a call of the client gives; its errors are ours."""
        where = f"{self.address}"
        try:
            return call(*given, timeout=timeout, **named)
        except (MilvusException, grpc.RpcError) as error:
            message = getattr(error, "message", "") or str(error)
            if getattr(error, "code", None) == 2 or isinstance(error, grpc.RpcError):
                raise Unreachable(f"Milvus does not answer at {where} ({message}). Is it running?") from error
            raise LibraryError(f"Milvus at {where} cannot do this: {message}", address=where) from error
