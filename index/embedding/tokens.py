"""What a fast tokenizer tells of texts: where their tokens stand, and how many there are.

A tokenizer is shared with the model that it belongs to, which has it cut texts off and fill them up; here its settings
are left as they are, and read around, for to change them is not safe while another thread tokenizes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from index.embedding.contract import Span

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer

_HALF_PAIR = re.compile("[\ud800-\udfff]")
_AT_ONCE = 256


def without_half_pairs(text: str) -> str:
    """The text with every lone surrogate, which is no character and no UTF-8, replaced by U+FFFD: the same length."""
    return _HALF_PAIR.sub("\ufffd", text)


def spans(tokenizer: Tokenizer, text: str) -> list[Span]:
    """Where the tokens of the whole text stand (see `tidy`), special tokens left out."""
    encoding = tokenizer.encode(without_half_pairs(text), add_special_tokens=False)
    # What is cut off at the model's limit is kept in pieces, the last of which may be filled up with padding.
    parts = [encoding, *encoding.overflowing]
    places = (zip(part.offsets, part.attention_mask, strict=True) for part in parts)
    return tidy((place for part in places for place, is_real in part if is_real), text)


def lengths(tokenizer: Tokenizer, texts: Sequence[str] | Sequence[tuple[str, str]]) -> list[int]:
    """The number of tokens of each text, or pair of texts, as far as the model reads."""
    # Not all at once, for the encodings are large.
    starts = range(0, len(texts), _AT_ONCE)
    encoded = (tokenizer.encode_batch(list(texts[start : start + _AT_ONCE])) for start in starts)
    return [sum(encoding.attention_mask) for encodings in encoded for encoding in encodings]


def own(encoding: Encoding, prompt: str) -> list[int]:
    """Which tokens of a text that was tokenized with a prompt before it are the text's own."""
    tokens = zip(encoding.offsets, encoding.special_tokens_mask, encoding.attention_mask, strict=True)
    return [at for at, ((_, end), special, real) in enumerate(tokens) if real and not special and end > len(prompt)]


def tidy(offsets: Iterable[tuple[int, int]], text: str) -> list[Span]:
    """One span a token: ascending, without overlap, within the text, with no white space at either end.

    Tokenizers count the space before a word to it, give several tokens the place of the one character that they come
    from, and give marks that they put in themselves a place of their own choosing. Of tokens that share a place the
    first gets it and the next what is left, if only an empty span at its end; so the number of tokens stays right.

    Args:
        offsets: start and end of each token in code points, in the order of the text.
        text: what was tokenized.
    """
    found, reached = [], 0
    for start, end in offsets:
        begin, stop = max(start, reached), min(end, len(text))
        while begin < stop and text[begin].isspace():
            begin += 1
        while begin < stop and text[stop - 1].isspace():
            stop -= 1
        if begin >= stop:
            begin = stop = reached
        found.append(Span(begin, stop))
        reached = stop
    return found
