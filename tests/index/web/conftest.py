"""A web site, and what reads it under invented names."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from index.web.fetching import Fetcher, Limits
from index.web.politeness import Pace
from index.web.visiting import Visitor
from tests.index.web.website import LOOPBACK, Clock, Names, Site


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def names() -> Names:
    return Names(gazette_example=["127.0.0.1"], www_gazette_example=["127.0.0.1"], courier_example=["127.0.0.1"])


@pytest.fixture
def fetcher(names: Names) -> Fetcher:
    return Fetcher(LOOPBACK, Limits(connect_seconds=2, read_seconds=2, total_seconds=5, bytes=1024 * 1024), names)


@pytest.fixture
def visitor(fetcher: Fetcher, clock: Clock) -> Visitor:
    return Visitor(fetcher, Pace(1.0, clock, clock.sleep), clock)
