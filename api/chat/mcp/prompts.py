"""The prompt "answer with citations": a question, the passages that were found, and how to cite them.

Knows no protocol and no model; what it gives is plain text.
"""

from __future__ import annotations

from api.chat.mcp.shapes import address
from api.service import Service
from index.errors import InvalidInput
from search.answer import Hit
from search.query import Query

NAME = "answer_with_citations"
TITLE = "Answer with citations"
DESCRIPTION = "Answer a question from the articles of this library only, every statement with a citation."
QUESTION = "The question, in plain words."
PASSAGES = 8

_ORDERS = """Answer the question from the numbered passages below and from nothing else.

- After every statement name the passage that supports it, as [1].
- Quote word for word where the wording matters; never change a quote.
- Where passages disagree, say so and name both. Mind the dates.
- If the passages do not answer the question, say that the library does not answer it.
- End with a list of the passages that you cited: number, title, outlet, date and link.

Question: {question}

Pincite's own estimate that these passages hold an answer: {answerable:.0%}.

{passages}"""


def answer_with_citations(service: Service, question: str) -> str:
    """The prompt for a question.

    Raises:
        InvalidInput: no question was given.
    """
    if not question.strip():
        raise InvalidInput("The argument question is missing.", field="question")
    answer = service.search(Query(question, limit=PASSAGES))
    passages = "\n\n".join(_numbered(hit) for hit in answer.hits) or "(No passage was found.)"
    return _ORDERS.format(question=question, answerable=answer.answerable, passages=passages)


def _numbered(hit: Hit) -> str:
    cited = hit.citation
    about = ", ".join(part for part in (cited.title, cited.source, cited.published) if part)
    link = address(cited.article_id, cited.url, cited.deep_link)
    return f"[{hit.rank}] {about or cited.article_id}\n{link}\n{hit.passage.text}"
