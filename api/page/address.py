"""What the address of a page says: the whole state of a search, so that a link or the back button brings it back.

The names are those of `GET /v1/search`. Names that are not known are left alone, empty values are as good as none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from starlette.requests import Request

from api.wire.questions import SearchParameters

Pairs = tuple[tuple[str, str], ...]

NAMES = frozenset(SearchParameters.model_fields)
LISTS = frozenset(("source", "language", "tag", "author", "article_id"))
PLACE = frozenset(("cite", "start", "end"))
"""What only the address of an article has."""


@dataclass(frozen=True, slots=True)
class Address:
    """The parameters of an address, in their order."""

    pairs: Pairs = ()

    @classmethod
    def of(cls, request: Request) -> Address:
        """Those of a request that mean something here."""
        given = request.query_params.multi_items()
        return cls(tuple((name, value) for name, value in given if name in NAMES | PLACE and value.strip()))

    def get(self, name: str) -> str:
        """The last value of a name, empty if there is none."""
        return next((value for key, value in reversed(self.pairs) if key == name), "")

    def all(self, name: str) -> list[str]:
        """All values of a name."""
        return [value for key, value in self.pairs if key == name]

    def parameters(self) -> SearchParameters:
        """The search, checked.

        Raises:
            ValidationError: a value cannot be used.
        """
        known = {name: self.all(name) if name in LISTS else self.get(name) for name, _ in self.search().pairs}
        return SearchParameters.model_validate({"q": "", **known})

    def search(self) -> Address:
        """Without the place in an article."""
        return self.without(*PLACE)

    def without(self, *names: str) -> Address:
        """Without these names."""
        return Address(tuple(pair for pair in self.pairs if pair[0] not in names))

    def set(self, **values: str | None) -> Address:
        """With these values alone for their names; without the names whose value is None."""
        kept = self.without(*values)
        return Address((*kept.pairs, *((name, value) for name, value in values.items() if value is not None)))

    def toggled(self, name: str, value: str) -> Address:
        """With or, where it was there, without one value of a name, without regard to case; on the first page again."""
        first = self.without("offset")
        if not self.has(name, value):
            return Address((*first.pairs, (name, value)))
        fold = value.casefold()
        return Address(tuple(pair for pair in first.pairs if pair[0] != name or pair[1].casefold() != fold))

    def has(self, name: str, value: str) -> bool:
        """Whether a name has this value, without regard to case."""
        return value.casefold() in map(str.casefold, self.all(name))

    def kept(self) -> Address:
        """What goes with every link: the collection."""
        return Address(tuple(pair for pair in self.pairs if pair[0] == "collection"))

    def at(self, path: str) -> str:
        """The address of a path with these parameters."""
        return f"{path}?{urlencode(self.pairs)}" if self.pairs else path

    def hidden(self, shown: Iterable[str]) -> Pairs:
        """The pairs that a form must carry along beside the fields that it shows."""
        named = set(shown)
        return tuple(pair for pair in self.pairs if pair[0] not in named)


def article_path(article_id: str) -> str:
    """The path of an article's page; an id may hold anything."""
    return f"/articles/{quote(article_id, safe='')}"


def chosen(address: Address, names: Sequence[str] = ("source", "language", "tag", "author")) -> Pairs:
    """The filters that are chosen, each once."""
    return tuple(dict.fromkeys(pair for pair in address.pairs if pair[0] in names))
