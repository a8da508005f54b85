"""How text becomes the terms that lexical search compares, whatever the engine.

A text is first split into words, in a way that does not depend on its language, so that a question's words can be
counted; then each word becomes one term by the rules of one language: lower case, stem (Snowball), accents folded. A
passage is read in its article's language; a question is read in every language that the library holds. Scripts that
do not put spaces between words become overlapping pairs of characters. Phrases are compared by the words as they are
spelt.

Knows no index and no scoring.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache, partial
from itertools import chain
from typing import Generic, TypeVar

import Stemmer

VERSION = 1
"""Raised whenever the same text gives other terms than before, so that indexes are built anew."""

LONGEST_TERM = 64

UNSPACED = (
    "\u0e01-\u0e3a\u0e40-\u0e4e\u0e81-\u0ebd\u0ec0-\u0ecd\u0edc-\u0edf"  # Thai, Lao
    "\u1000-\u103f\u1050-\u108f\u1780-\u17d3"  # Burmese, Khmer
    "\u3005-\u3007\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff\u3105-\u312f"  # kana, bopomofo
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han
    "\u1100-\u11ff\uac00-\ud7a3"  # Hangul: spaced, but its particles stick to the words
)
"""Characters, as ranges of a regular expression, of scripts whose words are not told apart by spaces."""

_MARKS = "".join(chr(code) for code in range(0x300, 0x10000) if unicodedata.category(chr(code)) in {"Mn", "Mc"})
_LETTER = rf"[^\W\d_{UNSPACED}]"
_PART = rf"(?:[^\W_{UNSPACED}]++|[{_MARKS}]++)++"
_ANY_WORD = (
    rf"\d+(?:[.,]\d+)+(?!\w)"  # a number
    rf"|(?<!\w){_LETTER}(?:\.{_LETTER})+\b\.?"  # initials
    rf"|[{UNSPACED}]+"
    rf"|{_PART}(?:['’]{_PART})*"
)
# Finds what `_ANY_WORD` does in a third of the time: most words are plain letters before a space or a comma, and where
# no word can begin it need not be tried. Passages are compared word by word for every question.
_PLAIN_WORD = r"[A-Za-z][A-Za-z0-9]*+(?=[\x00-&(-\-/:-@\[-^`{-\x7f]|\Z)"
_WORD = re.compile(rf"{_PLAIN_WORD}|(?![\x00-/:-@\[-`{{-\x7f])(?:{_ANY_WORD})")
_UNSPACED = re.compile(f"[{UNSPACED}]")
# The vowel points of Hebrew and Arabic are mostly left out in writing; in other scripts vowel signs are letters.
_POINTS = re.compile("[\u0591-\u05bd\u05bf-\u05c7\u064b-\u065f\u0670]")
_ACCENTS = re.compile("[\u0300-\u036f]")
_DOTTED = re.compile(r"\.[^\W\d_]")  # initials have it, and few other words
_APOSTROPHE = re.compile("['’]")
_STEMMING = threading.Lock()  # a stemmer is not safe in two threads at once
_TURKIC = frozenset({"tr", "az"})  # which have two kinds of i, and suffixes behind an apostrophe
_MOST_KEPT = 50_000
_LONG_PIECE = 20  # characters between white space, on average; in English they are six

Value = TypeVar("Value")


def words(text: str) -> list[str]:
    """The words of `text` in order, as they stand, each to be given to `term` or `variants`.

    ``3.5`` and ``1,000`` stay whole, ``U.S.`` becomes ``US``, ``covid-19`` becomes ``covid`` and ``19``, and a run of
    Chinese characters becomes its overlapping pairs (a lone character stays).
    """
    normal = unicodedata.normalize("NFKC", text)
    found = _runs(normal)
    if normal.isascii() or _UNSPACED.search(normal) is None:
        return found
    return [part for word in found for part in (_pairs(word) if _is_unspaced(word) else [word])]


def spelt(text: str) -> list[str]:
    """The words of `text` as they are spelt, in order: what a phrase is compared by, the same in every language.

    Not stemmed; without case and accents. An apostrophe ends a word, so that ``Ankara'da`` holds the word ``ankara``.
    In scripts without spaces each character is a word. A word counts by its first `LONGEST_TERM` characters.
    """
    found: list[str] = []
    for word in _runs(unicodedata.normalize("NFKC", text)):
        if word.isascii() and word.isalnum():  # as most are
            found.append(term(word, ""))
        else:
            found.extend(term(part, "") for part in (word if _is_unspaced(word) else _APOSTROPHE.split(word)))
    return [word for word in found if word]


def _runs(normal: str) -> list[str]:
    """Words of a normalised text, and runs of characters of scripts without spaces. One pass of the regular expression
    and no more: this is where most of the time goes when passages are compared."""
    found: list[str] = _WORD.findall(normal)
    if _DOTTED.search(normal) is None:
        return found
    return [word.replace(".", "") if "." in word and not word[0].isdecimal() else word for word in found]


def _is_unspaced(word: str) -> bool:
    return not word.isascii() and _UNSPACED.match(word) is not None


def _pairs(run: str) -> list[str]:
    return [run[at : at + 2] for at in range(len(run) - 1)] or [run]


def terms(text: str, language: str | None) -> list[str]:
    """The terms of a text in one language (ISO 639-1), or unstemmed when the language is None or has no stemmer."""
    return list(_all_terms(primary(language))(text))


def variants(word: str, languages: Iterable[str | None]) -> list[str]:
    """The distinct terms that `word` may stand as in texts of these languages, in a fixed order.

    A capital I in a question is read as both of the Turkish letters: not everybody types the dot.
    """
    found = set()
    for code in map(primary, languages):
        found.add(term(word, code))
        if code in _TURKIC and "I" in word:
            found.add(term(word.replace("I", "i"), code))
    return sorted(found)


class Known(dict[str, Value]):
    """What was made of the words that were met so far; it begins anew when they become many."""

    def __init__(self, made: Callable[[str], Value]) -> None:
        super().__init__()
        self._made = made

    def __missing__(self, word: str) -> Value:
        if len(self) >= _MOST_KEPT:
            self.clear()
        self[word] = found = self._made(word)
        return found


class ByWord(Generic[Value]):
    """Makes something of every word of a text, in order: the same as of `words`, in half of the time.

    What was made of the pieces between white space is remembered, but not of texts whose script has no spaces: their
    pieces are long and hardly come again.
    """

    def __init__(self, made: Callable[[str], Value]) -> None:
        self._made = made
        self._pieces: Known[Sequence[Value]] = Known(lambda piece: tuple(map(made, words(piece))))

    def __call__(self, text: str) -> Iterator[Value]:
        """What was made of each word of a text."""
        pieces = text.split()
        if len(text) > _LONG_PIECE * len(pieces):
            return map(self._made, words(text))
        return chain.from_iterable(map(self._pieces.__getitem__, pieces))


@lru_cache(maxsize=16)
def _known(language: str) -> Known[str]:
    return Known(partial(_term, language=language))


@lru_cache(maxsize=16)
def _all_terms(language: str) -> ByWord[str]:
    return ByWord(_known(language).__getitem__)


def term(word: str, language: str) -> str:
    """One word as the term that stands for it in texts of `language` (as `primary` gives it)."""
    return _known(language)[word]


def _term(word: str, language: str) -> str:
    lowered = _lower(word, language)
    parts = _APOSTROPHE.split(lowered)
    if len(parts) > 1:
        lowered = parts[0] if language in _TURKIC else max(parts, key=len)
    return _fold(_stem(lowered, language))[:LONGEST_TERM]


def primary(language: str | None) -> str:
    """The language alone of a code such as ``pt-BR``, in lower case; empty for None."""
    return re.split("[-_]", language or "")[0].lower()


def _lower(word: str, language: str) -> str:
    """Lower case without vowel points; a Turkish capital I without a dot is ı, which the Turkish stemmer knows."""
    if language in _TURKIC:
        word = word.replace("I", "ı").replace("İ", "i")
    return _POINTS.sub("", word.casefold().replace("i\u0307", "i"))


def _fold(word: str) -> str:
    """Without accents, and with one kind of i."""
    if word.isascii():
        return word
    bare = _ACCENTS.sub("", unicodedata.normalize("NFKD", word))
    return unicodedata.normalize("NFC", bare).replace("ı", "i")


def _stem(word: str, language: str) -> str:
    stemmer = _stemmer(language)
    if stemmer is None:
        return word
    with _STEMMING:
        return str(stemmer.stemWord(word))


@lru_cache(maxsize=64)
def _stemmer(language: str) -> Stemmer.Stemmer | None:
    """The Snowball stemmer for an ISO 639-1 code, or None where there is none."""
    known = len(language) == 2 and language.isascii()
    try:
        return Stemmer.Stemmer(language) if known else None
    except KeyError:  # how PyStemmer says that it has no such language
        return None
