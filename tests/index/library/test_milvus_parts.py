"""The parts of the library on Milvus that need no server: its address, and the expressions that filters become."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

pytest.importorskip("pymilvus")

from pymilvus import MilvusException

from index.errors import InvalidSetting, LibraryError
from index.library.contract import Filters
from index.library.labels import Label
from index.library.milvus.address import Address
from index.library.milvus.engine import Engine
from index.library.milvus.expressions import label_term, outside, passing, quoted

# Addresses


def test_an_address_is_taken_apart() -> None:
    assert Address.parsed("milvus://milvus.example/news") == Address("http://milvus.example:19530", "news")
    assert Address.parsed("milvus://[::1]:1/n?index=FLAT").uri == "http://[::1]:1"
    full = "milvus://ada:p%40ss@host:1234/news_1?shards=2&replicas=3&consistency=Strong&tls=true&index=FLAT"
    assert Address.parsed(full) == Address(
        "https://host:1234", "news_1", "ada:p@ss", index="FLAT", shards=2, replicas=3, consistency="Strong"
    )


def test_messages_never_tell_the_password() -> None:
    assert str(Address.parsed("milvus://ada:secret@host/news")) == "milvus://host:19530/news"
    with pytest.raises(InvalidSetting) as refused:
        Address.parsed("milvus://ada:secret@host/news?shards=many")
    assert "secret" not in refused.value.message


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("milvus://host", "does not read milvus://host:19530/name"),
        ("milvus:///news", "does not read"),
        ("milvus://host/my-news", "letters, digits and _"),
        ("milvus://host/1news", "letters, digits and _"),
        ("milvus://host/news/more", "letters, digits and _"),
        ("milvus://host:port/news", "is no address"),
        ("milvus://host/news?shards=0", "shards=0; it may be 1 to 1024"),
        ("milvus://host/news?index=IVF", "index=IVF; it may be HNSW or FLAT"),
        ("milvus://host/news?consistency=Eventually", "consistency=Eventually; it may be Bounded or Strong"),
        ("milvus://host/news?shard=2", "the unknown option shard"),
    ],
)
def test_an_address_that_cannot_be_read_is_refused_with_the_reason(address: str, why: str) -> None:
    with pytest.raises(InvalidSetting, match=why):
        Address.parsed(address)


# Expressions


@pytest.mark.parametrize(
    ("value", "literal"),
    [
        ("plain", '"plain"'),
        ('say "no"', r'"say \"no\""'),
        ("back\\slash", r'"back\\slash"'),
        ('\\"', r'"\\\""'),
        (42, "42"),
    ],
)
def test_a_value_is_a_literal_that_nothing_breaks_out_of(value: str | int, literal: str) -> None:
    assert quoted(value) == literal


@pytest.mark.parametrize("value", ["two\nlines", "\t", "\0", "\ud800", "\u2028"])
def test_a_literal_of_unprintable_text_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="not printable"):
        quoted(value)


def test_filters_become_expressions() -> None:
    assert passing(Filters()) is None
    assert passing(Filters(sources=("Reuters", "dpa"))) == (
        '(array_contains_any(labels, ["source:reuters", "source:dpa"]))'
    )
    after = datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)
    assert passing(Filters(published_after=after)) == f"(instant >= 1000000 and instant < {2**62})"
    assert passing(Filters(phrases=("Grain EMBARGO",))) == (
        '((spelt like "% grain embargo %") or (spelt_title like "% grain embargo %"))'
    )
    assert passing(Filters(none_of=(Filters(tags=("War",)),))) == ('(not ((array_contains_any(labels, ["tag:war"]))))')
    assert passing(Filters(any_of=(Filters(languages=("en",)), Filters(languages=("de",))))) == (
        '(((array_contains_any(labels, ["language:en"]))) or ((array_contains_any(labels, ["language:de"]))))'
    )


def test_all_pass_where_one_alternative_asks_nothing_and_none_where_everything_is_refused() -> None:
    assert passing(Filters(any_of=(Filters(), Filters(sources=("a",))))) is None
    assert passing(Filters(none_of=(Filters(),))) == "(born < 0)"


def test_long_and_unprintable_values_are_compared_by_their_hash() -> None:
    assert label_term(Label("source", "x" * 200)) == "source:" + "x" * 200
    for value in ("x" * 201, "a\nb", "\ud800", "\0"):
        term = label_term(Label("source", value))
        assert term.startswith("source:")
        assert len(term) == len("source:") + 64


@pytest.mark.parametrize("wild", ["100%", "a_b", "%", "_"])
def test_wildcards_of_a_phrase_are_no_wildcards(wild: str) -> None:
    assert "_" not in (passing(Filters(phrases=(f"{wild} word",))) or "").replace("spelt_title", "")
    assert (passing(Filters(phrases=(f"{wild} word",))) or "").count("%") == 4


def test_numbers_are_left_out_by_the_ends_of_long_runs_and_one_by_one() -> None:
    assert outside("record", []) == ""
    assert outside("record", [5, 3, 4]) == "record not in [3, 4, 5]"
    assert outside("record", range(1, 20_001)) == "(record < 1 or record > 20000)"
    assert outside("record", [*range(200), 300, 302]) == "(record < 0 or record > 199) and record not in [300, 302]"
    many = [number for start in range(0, 20_000, 1_000) for number in range(start, start + 100 + start // 1_000)]
    said = outside("record", many)
    assert said.count("record <") == 8  # the longest; each makes the expression deeper
    assert "(record < 19000 or record > 19118)" in said
    assert said.endswith("11109, 11110]")


# Pages


class Shards:
    """A client whose query stops where the first shard's rows end, as servers with several shards do when rows are to
    come in order; it stands for the server, which the core in one process never behaves like."""

    def __init__(self, *shards: list[int]) -> None:
        self.shards, self.asked = shards, 0

    def query(self, _: str, *, filter: str, limit: int, **options: object) -> list[dict[str, int]]:  # noqa: A002
        self.asked += 1
        after = int(filter.rpartition("key > ")[2]) if "key > " in filter else 0
        left = [[key for key in shard if key > after] for shard in self.shards]
        rows = sorted(key for shard in left for key in shard)
        if "iterator" in options:
            last = min((shard[-1] for shard in left if shard), default=0)
            rows = [key for key in rows if key <= last]
        return [{"key": key} for key in rows[:limit]]


class Losing(Shards):
    """A server that loses a query node for as many calls as these."""

    def __init__(self, failures: int) -> None:
        super().__init__([1, 2])
        self.failures, self.timeouts = failures, list[float]()

    def query(self, _: str, **options: Any) -> list[dict[str, int]]:
        self.timeouts.append(options["timeout"])
        if len(self.timeouts) <= self.failures:
            raise MilvusException(message="node not found[node=5]")
        return super().query(_, **options)


def test_a_read_that_fails_is_asked_once_more_and_with_more_patience() -> None:
    engine = Engine.__new__(Engine)
    engine.address = Address("http://host:1", "news")
    engine._client = lost = Losing(1)
    assert engine.rows("passages", "born >= 0", []) == [{"key": 1}, {"key": 2}]
    assert lost.timeouts == [10.0, 60.0]
    engine._client = Losing(2)
    with pytest.raises(LibraryError, match=r"milvus://host:1/news cannot do this: node not found"):
        engine.rows("passages", "born >= 0", [])


@pytest.mark.parametrize(("limit", "expected"), [(None, 9), (5, 5), (20, 9)])
def test_all_rows_of_all_shards_are_read(monkeypatch: pytest.MonkeyPatch, limit: int | None, expected: int) -> None:
    engine = Engine.__new__(Engine)
    engine.address = Address("http://host:1", "news")
    engine._client = Shards([1, 3, 5], [2, 4, 6, 7, 8, 9])
    for page in (2, 4, 100):
        monkeypatch.setattr("index.library.milvus.engine.PAGE", page)
        keys = [row["key"] for row in engine.rows("passages", "born >= 0", [], limit=limit)]
        assert keys == list(range(1, expected + 1))
