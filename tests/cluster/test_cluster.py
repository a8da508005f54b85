"""A library on a real cluster: two shards, two replicas; the same as exact search, and a query node is killed while it
is searched. Run by `make test-cluster`; skipped where etcd, SeaweedFS or the test broker are not installed."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

if not os.environ.get("PINCITE_CLUSTER"):
    pytest.skip("a cluster takes minutes and programs of its own: make test-cluster", allow_module_level=True)

from index.library.contract import Library
from index.library.opening import open_library
from tests.cluster.milvus_cluster import MilvusCluster
from tests.index.library.openers import NO_FILTERS, ids
from tests.index.library.samples import PlainLibrary, random_entries, unit_vectors


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MilvusCluster]:
    cluster = MilvusCluster(tmp_path_factory.mktemp("cluster"))
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


def nearest(library: Library, seed: int) -> list[str]:
    with library.snapshot() as snapshot:
        return ids(snapshot, snapshot.dense(unit_vectors(1, seed)[0], 20, NO_FILTERS))


def test_two_shards_and_replicas_answer_exactly_and_a_query_node_may_be_lost(cluster: MilvusCluster) -> None:
    library = open_library(cluster.address("sharded"), create=True, wait=120)
    plain = PlainLibrary()
    for batch in range(4):  # little at a time: the broker forgets what comes fast
        entries = random_entries(40, seed=batch, first=30 * batch)
        library.put(entries)
        plain.put(entries)
    library.delete(["a1", "a50"])
    plain.delete(["a1", "a50"])
    expected = {seed: [name for name, _ in plain.dense(unit_vectors(1, seed)[0], 20, NO_FILTERS)] for seed in range(8)}
    assert {seed: nearest(library, seed) for seed in expected} == expected
    with library.snapshot() as snapshot:
        assert snapshot.counts() == (len(plain.entries), len(plain.passing_ids(NO_FILTERS)))

    cluster.kill("query1")
    for _ in range(5):  # none fails; the first ones take some seconds
        assert {seed: nearest(library, seed) for seed in expected} == expected
    library.close()
