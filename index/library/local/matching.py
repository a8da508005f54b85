"""Searching the lexical index: the words of a question become a query of scored and unscored clauses.

A question's words are scored by BM25 in two fields. Filters are clauses with a constant score of 0: they decide what
may be found and change no score. Phrases are looked up among the words as they are spelt, and so are the neighbours of
a word that hardly any passage has: a name may be misspelt. Knows nothing of the index on disk.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np
import tantivy
from tantivy import Occur, Query

from index.library import analysis
from index.library.contract import Filters, Scored
from index.library.labels import Phrase, unwanted_phrases, wanted_instants, wanted_labels, wanted_phrases
from index.library.local.documents import label_term
from index.library.local.reading import Keys

FORMAT = 2
"""Raised whenever the fields below change, so that indexes are built anew."""

STAMP = f"stamp {FORMAT}.{analysis.VERSION}"

FIELDS = {"body": 1.0, "title": 0.5}
"""Where words are looked for, and what they count there: the passage, and its article's title and source. Mean
nDCG@10 of SciFact, Cranfield, NQ and a news quiz by the title's weight: 0 .652, 0.3 .689, 0.5 .698, 1 .685."""

SPELT = {"spelt": "body", "spelt_title": "title"}
"""The same two texts, the title without the source, as their words are spelt and with their positions. On 37,622
passages of 120 words of news they bring the index from 6.6 to 18.5 MB (490 bytes a passage), and a passage takes 0.8 ms
instead of 0.4 to take in; a phrase of two common words, in every second passage, is looked up in 10 ms, others in less
than 1."""

COMMON_SHARE = 0.3
COMMON_FROM = 1_000
"""In libraries of more passages than this, question words that stand in more than that share of them are left out
while rarer ones find something: they cost most of the time and hardly change the order (nDCG@10 as above .701, with all
words .703, with a share of 0.1 .688)."""

SPARE = 16
MOST_TIES = 10_000
"""How many equal scores at the end of the results are put in the order of their keys, at most."""

NEIGHBOURS = {1: 5, 2: 8}
"""From how many letters on words at each edit distance are looked for (a swap of two letters is one edit); the farther
ones only where there are no nearer ones."""

NEARNESS = 0.7
"""What they count, 1 being what a word counts that is as rare as all of them together. nDCG@10 without neighbours, with
0.5 and with 0.7: questions of NQ .880, .881, .881, the same with a letter wrong in one name .807, .847, .858; of a news
quiz .762, .762, .760 and .749, .761, .764; of SciFact .710, .715, .715 and .680, .693, .700."""

TYPO_SHARE = 1e-4
"""A word in a larger share of the passages than this is not taken for misspelt."""

MOST_KEPT = 20_000
"""So many terms' frequencies are kept."""

LONGEST_NAME = 32
MOST_NAMES = 8
"""So many words of a question are taken for misspelt, at most; each costs about a millisecond. None is where more than
half of the words, and more than two, stand nowhere: such a question is in another language, whose words have neighbours
by chance (300 Turkish questions over English passages, words and meaning, nDCG@10 .814 with them, .823 without)."""


def _schema() -> tantivy.Schema:
    fields = tantivy.SchemaBuilder()
    for field in FIELDS:
        fields.add_text_field(field, tokenizer_name="whitespace", index_option="freq")
    for field in SPELT:
        fields.add_text_field(field, tokenizer_name="whitespace", index_option="position")
    fields.add_text_field("label", tokenizer_name="raw", index_option="basic")
    fields.add_integer_field("article", indexed=True)  # deleting by an unsigned one finds nothing
    fields.add_unsigned_field("key", fast=True)
    fields.add_integer_field("instant", fast=True)
    fields.add_unsigned_field("stamp", fast=True)
    return fields.build()


SCHEMA = _schema()


class Word(NamedTuple):
    """A word of a question.

    Attributes:
        terms: the terms that it may stand as.
        frequency: in about how many passages it stands; 0 where none has it.
        neighbours: what finds passages with words spelt nearly so, with its score; only where hardly any has the word.
    """

    terms: tuple[str, ...]
    frequency: int
    neighbours: Sequence[Query] = ()


@dataclass(frozen=True, slots=True)
class Words:
    """The lexical index at one generation, for searching."""

    generation: int
    searcher: tantivy.Searcher
    _frequencies: dict[tuple[str, str], int] = dataclasses.field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, searcher: tantivy.Searcher) -> Self | None:
        """The index that a searcher shows; None when it was never stamped in this format."""
        stamped = _unscored(Query.term_query(SCHEMA, "label", STAMP, "basic"))
        found = searcher.search(stamped, 2, count=False).hits
        generations = _values(searcher, "stamp", found)
        return cls(generations[0], searcher) if len(generations) == 1 else None

    def best(self, text: str, languages: Sequence[str], limit: int, filters: Filters) -> list[Scored]:
        """The `limit` passages that match the words of `text` best (BM25), best first, ties by key.

        `languages` are those that the library's articles are in, each read with its own stemmer.
        """
        known = self._known(text, languages)
        passages = self.searcher.num_docs
        rare = [word for word in known if word.frequency <= COMMON_SHARE * passages]
        found = self._matching(rare, limit, filters) if passages > COMMON_FROM else []
        return found or self._matching(known, limit, filters)

    def every(self) -> Keys:
        """The keys of all passages, ascending."""
        return self._keys(Query.exists_query("key"))

    def holding(self, phrases: Sequence[Phrase]) -> Keys:
        """The keys of the passages in which, or in whose titles, all of these phrases occur, ascending."""
        return self._keys(Query.boolean_query([(Occur.Must, _occurring(phrase)) for phrase in phrases]))

    def touching(self, phrases: Sequence[Phrase]) -> Keys:
        """The keys of the passages in which, or in whose titles, any of these phrases occurs, ascending."""
        return self._keys(Query.boolean_query([(Occur.Should, _occurring(phrase)) for phrase in phrases]))

    def _keys(self, query: Query) -> Keys:
        found = self.searcher.search(_unscored(query), self.searcher.num_docs, count=False).hits
        return np.sort(np.array(_values(self.searcher, "key", found), np.int64))

    # A question's words

    def _known(self, text: str, languages: Sequence[str]) -> list[Word]:
        """The words of the question that stand anywhere, or that have neighbours, each once."""
        asked: dict[tuple[str, ...], str] = {}
        for word in analysis.words(text):
            asked.setdefault(tuple(analysis.variants(word, languages)), word)
        known = {terms: Word(terms, self._frequency(terms)) for terms in asked}
        rare = [terms for terms, word in known.items() if word.frequency <= TYPO_SHARE * self.searcher.num_docs]
        if len(rare) <= max(2, len(known) / 2):
            known |= {
                terms: known[terms]._replace(neighbours=self._neighbours(asked[terms])) for terms in rare[:MOST_NAMES]
            }
        return [word for word in known.values() if word.frequency or word.neighbours]

    def _frequency(self, terms: Sequence[str]) -> int:
        """In how many passages, or passages' titles, the most frequent of the terms stands."""
        return max(self._held(field, term) for term in terms for field in FIELDS)

    def _held(self, field: str, term: str) -> int:
        """In how many passages a field has this term; asked once, for it is looked up in every segment."""
        known = self._frequencies.get((field, term))
        if known is None:
            if len(self._frequencies) >= MOST_KEPT:
                self._frequencies.clear()
            self._frequencies[field, term] = known = self.searcher.doc_freq(field, term)
        return known

    def _neighbours(self, word: str) -> list[Query]:
        """What finds passages with words that are spelt nearly like this one; scored by how rare they are."""
        name = max(analysis.spelt(word), key=len, default="")
        if not name.isalpha() or len(name) > LONGEST_NAME:
            return []
        near = ([] if len(name) < shortest else self._near(name, distance) for distance, shortest in NEIGHBOURS.items())
        return next(filter(None, near), [])

    def _near(self, name: str, distance: int) -> list[Query]:
        queries = []
        for spelt, field in SPELT.items():
            query = Query.fuzzy_term_query(SCHEMA, spelt, name, distance, transposition_cost_one=True)
            found: Any = self.searcher.search(query, 1, count=True)  # its stubs leave the count out
            if found.count:
                queries.append(Query.boost_query(query, NEARNESS * FIELDS[field] * self._rarity(found.count)))
        return queries

    def _rarity(self, count: int) -> float:
        """BM25's weight (Robertson and Zaragoza, 2009) of what stands in so many passages."""
        return math.log1p((self.searcher.num_docs - count + 0.5) / (count + 0.5))

    # Searching

    def _matching(self, words: Sequence[Word], limit: int, filters: Filters) -> list[Scored]:
        """The passages with any of these words: a score is a sum over the words."""
        clauses = [(Occur.Should, clause) for word in words for clause in self._clauses(word)]
        if not clauses:
            return []
        query, narrow = Query.boolean_query(clauses), _narrowing(filters)
        return self._settled(Query.boolean_query([(Occur.Must, query), *narrow]) if narrow else query, limit)

    def _clauses(self, word: Word) -> Iterator[Query]:
        """What a word adds to a score: its best variant in the passage, its best variant in the title, and its best
        neighbour."""
        for field, weight in FIELDS.items():
            present = [term for term in word.terms if self._held(field, term)]
            yield from _best(
                [Query.boost_query(Query.term_query(SCHEMA, field, term, "freq"), weight) for term in present]
            )
        yield from _best(word.neighbours)

    def _settled(self, query: Query, limit: int) -> list[Scored]:
        """The best `limit`, where equal scores at the end are decided by key and not by where tantivy keeps them."""
        count = limit + SPARE
        while True:
            count = min(count, self.searcher.num_docs)
            found = self.searcher.search(query, count, count=False).hits
            all_found = len(found) < count or count == self.searcher.num_docs
            if all_found or found[-1][0] < found[limit - 1][0] or count > MOST_TIES + limit:
                keys = _values(self.searcher, "key", found)
                scored = [Scored(key, score) for key, (score, _) in zip(keys, found, strict=True)]
                return sorted(scored, key=lambda one: (-one.score, one.key))[:limit]
            count *= 4


def _values(searcher: tantivy.Searcher, field: str, found: Sequence[tuple[float, Any]]) -> list[int]:
    """The values of a field in what was found, in its order."""
    values = searcher.fast_field_values(field, [address for _, address in found])
    return [int(value) for value in values if value is not None]


def _best(queries: Sequence[Query]) -> list[Query]:
    """One query whose score is the best of these; none of none."""
    return list(queries) if len(queries) < 2 else [Query.disjunction_max_query(list(queries))]


def _narrowing(filters: Filters) -> list[tuple[Occur, Query]]:
    """The clauses that a passage must meet, and must not meet, besides matching words."""
    required = [
        Query.term_set_query(SCHEMA, "label", [label_term(label) for label in alternatives])
        for alternatives in wanted_labels(filters)
    ]
    if (instants := wanted_instants(filters)) is not None:
        kind = tantivy.FieldType.Integer
        required.append(Query.range_query(SCHEMA, "instant", kind, *instants, include_upper=False))
    required += map(_occurring, wanted_phrases(filters))
    required += [Query.boolean_query([(Occur.Should, _passing(one)) for one in choice]) for choice in filters.choices()]
    refused = [*map(_occurring, unwanted_phrases(filters)), *map(_passing, filters.refused())]
    return [(Occur.Must, _unscored(one)) for one in required] + [(Occur.MustNot, one) for one in refused]


def _passing(filters: Filters) -> Query:
    """What finds all passages that pass."""
    return Query.boolean_query([(Occur.Must, Query.all_query()), *_narrowing(filters)])


def _occurring(phrase: Phrase) -> Query:
    """What finds a phrase in a passage or in its title."""
    one = len(phrase) == 1
    fields = [
        Query.term_query(SCHEMA, field, phrase[0], "basic") if one else Query.phrase_query(SCHEMA, field, list(phrase))
        for field in SPELT
    ]
    return Query.boolean_query([(Occur.Should, field) for field in fields])


def _unscored(query: Query) -> Query:
    return Query.const_score_query(query, 0.0)
