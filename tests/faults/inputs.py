"""What strangers may send, tried on everything that reads it: files, bodies, questions, filters, citations, places.

Samples are changed as a fuzzer does it: bits are turned, stretches cut out, doubled, put in from another sample or made
of marks that mean something to a parser. Whatever comes of it must be a result or one of our own errors, in bounded
time. Each function of `ALL` tries a handful and says how many; everything else that is raised is a find.
"""

from __future__ import annotations

import io
import json
import random
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from pydantic import ValidationError

from api.payload import parse_articles, parse_json
from api.wire.questions import SearchIn
from index.articles.article import Draft
from index.articles.clean import clean
from index.articles.cut import cut
from index.articles.readers.reading import read_bytes
from index.embedding.hashing import HashingEmbedder
from index.errors import PinciteError
from search.cite import cite, decode
from search.fragments import deep_link, directive_for, find
from search.understanding.asking import understand

DATA = Path(__file__).resolve().parents[1] / "data"
AT_A_TIME = 50
EMBEDDER = HashingEmbedder()
LONGEST_SECONDS = 20
LARGEST = 1_000_000
AS_OF = datetime(2025, 1, 15, tzinfo=UTC)
MARKS = (
    *(
        b"\0",
        b"\xff\xfe",
        b"\xed\xa0\x80",
        b"\xef\xbb\xbf",
        b"<![CDATA[",
        b"<!--",
        b"</p",
        b"&#x110000;",
        b"&amp",
        b'"',
    ),
    *(b"[" * 200, b"{" * 80, b"\\ud800", b"1e999", b"-0", b"\r\n\r\n", b"%%EOF", b"obj <<", b"PK\x05\x06", b"\x1f\x8b"),
    *("\u202e\u0130\u0345".encode(), b"\xcc\x81" * 50, b"9" * 400, b"0000-00-00", b"source:", b"-", b"#:~:text=", b"%"),
)
QUESTIONS = (
    'who said "two percent" source:Reuters -author:"Ann Lee" after:2024-01-01 lang:tr',
    "last week’s news before:2024 tag:war|peace",
    "Neden barış görüşmeleri geçen yıl 3 Mart 2024'te durdu?",
    "what happened between 1 and 5 May 2023, or on Monday?",
)
REQUEST = {
    "query": "sea",
    "limit": 3,
    "filters": {
        "sources": ["dpa"],
        "any": [{"tags": ["a"]}],
        "none": [{"languages": ["en"]}],
        "published_after": "2024",
    },
    "recency": {"half_life_days": 3, "as_of": "2024-01-01"},
    "group": "story",
}


def changed(sample: bytes, others: tuple[bytes, ...], chance: random.Random) -> bytes:
    """The sample with some changes."""
    content = bytearray(sample)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        start = chance.randrange(len(content) + 1)
        end = min(len(content), start + chance.choice((0, 1, 4, 60, 4000)))
        other = chance.choice(others)
        put_in = [b"", content[start:end] * 2, chance.choice(MARKS), other[start : start + 300], chance.randbytes(4)]
        content[start:end] = chance.choice(put_in)
    return bytes(content)


@cache
def samples() -> dict[str, bytes]:
    """Files of every format by name."""
    return {path.name: path.read_bytes() for path in sorted(DATA.iterdir()) if path.is_file()}


def files(chance: random.Random) -> Iterator[Callable[[], object]]:
    """Files of every format, damaged, and the parts of those that are archives."""
    names = sorted(samples())
    name = chance.choice(names)
    content = samples()[name]
    if chance.random() < 0.5 and zipfile.is_zipfile(io.BytesIO(content)):
        data = _repacked(content, chance)
    else:
        data = changed(content, tuple(samples().values()), chance)
    name = chance.choice([name, chance.choice(names)])
    yield lambda: [_article(one) for one in read_bytes(data, name, LARGEST) if isinstance(one, Draft)]


def _repacked(content: bytes, chance: random.Random) -> bytes:
    """An archive with one changed member, so that the damage is inside and not in the packing."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(made, "w") as new:
        bad = chance.choice(old.namelist())
        for name in old.namelist():
            member = old.read(name)
            new.writestr(name, changed(member, tuple(samples().values()), chance) if name == bad else member)
    return made.getvalue()


def _article(draft: Draft) -> None:
    article = clean(draft)
    for passage in cut(article, EMBEDDER.tokens, 500):
        assert passage.text == article.text[passage.start : passage.end]


def bodies(chance: random.Random) -> Iterator[Callable[[], object]]:
    """Bodies of requests: articles, and questions with filters."""
    record = json.dumps([{"id": "a", "text": "One. Two.", "tags": ["x"], "published": "2024-01-01", "language": "tr"}])
    article = changed(record.encode(), (b'{"a": [1, null, true, {"b": 1e9}]}',), chance)
    question = changed(json.dumps(REQUEST).encode(), (record.encode(), b'{"not": [[[]]]}'), chance)
    yield lambda: [
        clean(one) for one in parse_articles(article, lines=chance.random() < 0.3)[0] if isinstance(one, Draft)
    ]
    yield lambda: SearchIn.model_validate(parse_json(question)).to_query()


def questions(chance: random.Random) -> Iterator[Callable[[], object]]:
    """Typed questions with operators and dates."""
    others = tuple(one.encode() for one in QUESTIONS)
    text = changed(chance.choice(others), others, chance).decode(errors="ignore")
    yield lambda: understand(text, AS_OF)


def places(chance: random.Random) -> Iterator[Callable[[], object]]:
    """Quotes in texts of every kind, the links to them, and citations."""
    raw = changed(samples()["bakery.txt"][:3000], tuple(samples().values()), chance)
    text = raw.decode(errors="ignore").replace("\0", "")
    start, end = sorted(chance.randrange(len(text) + 1) for _ in range(2))
    yield lambda: _found_again(text, start, end)
    yield lambda: deep_link(raw[:80].decode(errors="ignore"), text, start, end)
    yield lambda: _cited(text, start, end, chance)


def _found_again(text: str, start: int, end: int) -> None:
    directive = directive_for(text, start, end)
    assert directive is None or len(find(text, directive)) == 1


def _cited(text: str, start: int, end: int, chance: random.Random) -> None:
    article = clean(Draft("a.txt", text))
    end = min(end, len(article.text))
    if start < end:
        citation = cite(article, start, end)
        assert citation.quote == article.text[start:end]
        decode(changed(citation.id.encode(), (b"a",), chance).decode(errors="ignore"))


def trying(make: Callable[[random.Random], Iterator[Callable[[], object]]]) -> Callable[[], int]:
    """Try a handful of what is made, each from a seed that a find names."""

    def try_some() -> int:
        count = 0
        for _ in range(AT_A_TIME):
            seed = random.getrandbits(32)
            for one in make(random.Random(seed)):
                count += 1
                began = time.monotonic()
                try:
                    with suppress(PinciteError, ValidationError):
                        one()
                except Exception as error:
                    raise AssertionError(f"{make.__name__} from seed {seed} raise {error!r}") from error
                assert time.monotonic() - began < LONGEST_SECONDS, f"{make.__name__} from seed {seed} take too long"
        return count

    return try_some


ALL = {
    "inputs tried: files of every format": trying(files),
    "inputs tried: bodies, with filters": trying(bodies),
    "inputs tried: questions": trying(questions),
    "inputs tried: quotes, links to them, citations": trying(places),
}
