"""Candidates by meaning in another language than the question's: found beside the others, and weighed as they deserve.

An embedder puts texts of one language nearer to each other than to translations, so that in a library of several
languages passages about nothing in particular, in the question's language, come before the answer in another. What is
done about it was measured on 800 questions in five languages over XQuAD's passages, each of which was in one of four
only: hybrid nDCG@10 of answers in another language rose from .37 to .65 with .03 for all, and that of the others fell
from .995 to .994. More finds more abroad and costs more at home (.04 with words at 1: .72 and .974).
`make bench-languages` measures what became of it.

Where no article is in the question's language, nothing is done. Counting words there as for passages abroad raised
hybrid nDCG@10 of 1,000 Turkish questions over English passages from .809 to .837; read again, as is usual, it stayed
.874, and of 40 of them it fell.
"""

from __future__ import annotations

from dataclasses import replace

from index.library.analysis import primary
from index.library.contract import Filters, Scored, Snapshot, Vectors
from search.understanding.tongue import language_of

RAISED = 0.03
"""What is added to the cosine of a passage in another language. multilingual-e5-small has .87 on average for a question
and the passage that answers in the same language, .77 to .82 where the languages differ."""

RAISED_BY_LANGUAGE = {"zh": 0.07}
"""The same for questions in these languages. Chinese texts that have nothing in common have .82 on average, others .74
to .77. With .07 instead of .03, answers in another language rose from .34 to .63, and none at home fell."""

WORDS_ABROAD = 0.7
"""Words hardly find passages in another language: these count as found by them so far as they are by meaning."""


def nearest(
    text: str, vector: Vectors | None, snapshot: Snapshot, depth: int, filters: Filters
) -> tuple[list[Scored], dict[int, float]]:
    """The candidates by meaning, best first, at most `depth`, and by how much which of them were raised.

    None are raised where nothing is found in the question's language, or that is not known; nothing is found without a
    vector.
    """
    if vector is None:
        return [], {}
    near = snapshot.dense(vector, depth, filters)
    asked_in = language_of(text)
    others = other_languages(asked_in, snapshot)
    if not others:
        return near, {}
    far = snapshot.dense(vector, depth, replace(Filters(languages=others), also=filters))
    more = RAISED_BY_LANGUAGE.get(asked_in or "", RAISED)
    abroad = dict.fromkeys((key for key, _ in far), more)
    if not far or all(key in abroad for key, _ in near):
        return near, {}
    at_home = [scored for scored in near if scored.key not in abroad]
    raised = [Scored(key, score + more) for key, score in far]
    best = sorted([*at_home, *raised], key=lambda scored: (-scored.score, scored.key))[:depth]
    return best, {key: more for key, _ in best if key in abroad}


def other_languages(asked_in: str | None, snapshot: Snapshot) -> tuple[str, ...]:
    """The languages of the library's articles but for the question's; none where no article is in that."""
    languages = snapshot.languages()
    if asked_in not in set(map(primary, languages)):
        return ()
    return tuple(language for language in languages if primary(language) not in {"", asked_in})
