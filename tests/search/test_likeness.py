"""How alike passages are: shared words and shared word sequences."""

from __future__ import annotations

import numpy as np
import pytest

from search.likeness import Numbers, likeness, overlap, wording


def triples(text: str, language: str | None = None) -> Numbers:
    return wording("A title that does not count", text, language).triples


def test_rare_words_count_most() -> None:
    texts = ("harbour bridge", "harbour bridge", "the bridge")
    alike = likeness([wording("", text, None) for text in texts])
    assert alike[0] == pytest.approx([1.0, 1.0, 0.2698], abs=0.0001)
    assert alike.T.tolist() == alike.tolist()


def test_texts_without_words_are_like_nothing() -> None:
    alike = likeness([wording("", "!", None), wording("", "bridge", None)])
    assert alike.tolist() == [[0.0, 0.0], [0.0, 1.0]]


def test_titles_count_as_words() -> None:
    alike = likeness([wording("Harbour", "bridge", None), wording("", "bridge of the harbour", None)])
    assert 0.5 < alike[0, 1] < 1.0


def test_the_order_of_words_and_their_number_do_not_matter_to_likeness_of_equals() -> None:
    assert likeness([wording("", "a b c", None), wording("", "c a b", None)])[0, 1] == pytest.approx(1.0)


def test_overlap_is_the_share_of_the_smaller_text() -> None:
    one, other = triples("a b c d e"), triples("x a b c d")
    assert overlap(one, other) == pytest.approx(2 / 3)
    assert overlap(one, triples("a b c")) == 1.0
    assert overlap(one, triples("")) == 0.0


def test_order_matters_to_triples() -> None:
    assert overlap(triples("a b c"), triples("c b a")) == 0.0
    assert overlap(triples("a b c"), triples("b c a")) == 0.0


def test_words_are_compared_without_case_and_ending() -> None:
    assert overlap(triples("Bridges are closed", "en"), triples("bridge are CLOSING", "en")) == 1.0


def test_repeated_sequences_count_once() -> None:
    assert len(triples("a b c a b c a b c")) == 3


@pytest.mark.parametrize(("text", "sequences"), [("", 0), ("!", 0), ("one", 1), ("two words", 1), ("three it is", 1)])
def test_short_texts_are_one_sequence(text: str, sequences: int) -> None:
    assert len(triples(text)) == sequences


def test_a_short_text_is_only_like_itself() -> None:
    assert overlap(triples("two words"), triples("two words")) == 1.0
    assert overlap(triples("two words"), triples("words two")) == 0.0
    assert overlap(triples("words"), triples("two words")) == 0.0


def test_scripts_without_spaces_are_compared_by_pairs() -> None:
    assert overlap(triples("议会周二投票关闭港口大桥", "zh"), triples("据悉，议会周二投票关闭港口大桥", "zh")) == 1.0


def test_numbers_are_the_same_in_every_process() -> None:
    assert wording("", "bridge", None).text.tolist() == [0x69780F9F]  # CRC-32
    assert wording("bridge", "", None).title.dtype == np.uint64
