"""What a server reads from the web when it is told a URL: one visitor for all requests, so that no site is asked too
often. Knows no HTTP of its own server; how addresses are checked is `index.web`'s.
"""

from __future__ import annotations

from collections.abc import Iterator

from api.service import Service
from api.settings import Settings
from index.ingest import Outcome
from index.watching.keeper import Event, Keeper
from index.web.addresses import Allowed
from index.web.fetching import Fetcher
from index.web.following import Follower
from index.web.politeness import Pace
from index.web.visiting import Visitor
from index.web.visits import NoVisits


class Web:
    """Reads URLs into services' libraries. Safe to use from several threads.

    Args:
        settings: which private hosts may be read, and how often a host is asked.
    """

    def __init__(self, settings: Settings) -> None:
        allowed = Allowed.parsed(settings.private_hosts, "PINCITE_PRIVATE_HOSTS")
        self._visitor = Visitor(Fetcher(allowed), Pace(settings.seconds_per_request))

    def read(self, url: str, service: Service, most_pages: int) -> Iterator[Outcome]:
        """Store what a URL has, one outcome an article, each as soon as it is stored.

        Args:
            url: of a page, a document, a feed or a sitemap.
            service: whose library.
            most_pages: how many pages of a sitemap are read.
        """
        follower = Follower(self._visitor, NoVisits(), lambda _: False, lambda _: None, most_pages)
        events: Iterator[Event] = Keeper(service.store, service.delete, follower).read_url(url)
        return (event for event in events if isinstance(event, Outcome))
