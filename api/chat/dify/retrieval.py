"""`POST /dify/retrieval`. A knowledge id is a collection's name.

Fields that are not known are left alone, because Dify adds some from time to time. It asks with an empty body when an
address is registered; that is answered with no records.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal, Self

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictFloat, StrictInt, StrictStr, ValidationError

from api.access import Access
from api.chat.conditions import MOST_LISTED
from api.chat.dify.conditions import filters_of, joined
from api.failures import invalid_input
from api.payload import parse_json
from api.routes.common import AccessHere, errors
from api.service import Service
from api.wire.common import EXAMPLE_ARTICLE, EXAMPLE_QUESTION, Shape
from index.errors import InvalidInput
from index.library.contract import FacetField, Filters
from search.answer import Hit
from search.query import LONGEST_QUESTION, MOST_HITS, Query

router = APIRouter(prefix="/dify", tags=["dify"])

Scalar = StrictBool | StrictInt | StrictFloat | StrictStr
EVERYTHING = Filters()


class Lenient(BaseModel):
    """Base of what Dify sends."""

    model_config = ConfigDict(extra="ignore")


class ConditionIn(Lenient):
    """One condition on an article's metadata."""

    name: str | list[str] = Field(
        description="source, language, author, tag, article_id or published; of several one must fit.",
        examples=["source"],
    )
    comparison_operator: str = Field(description="How to compare.", examples=["contains"])
    value: Scalar | list[Scalar] | None = Field(None, description="What to compare with.", examples=["Gazette"])


class MetadataConditionIn(Lenient):
    """Conditions on articles' metadata."""

    logical_operator: Literal["and", "or"] = Field("and", description="Whether all must hold.", examples=["and"])
    conditions: list[ConditionIn] | None = Field(
        None, description="The conditions.", max_length=100, examples=[[{"name": "source", "value": "Gazette"}]]
    )

    def filters(self, service: Service) -> Filters:
        """The library's filters."""

        def values(field: FacetField) -> Iterable[str]:
            with service.library.snapshot() as snapshot:
                return [facet.value for facet in snapshot.facets(field, EVERYTHING, MOST_LISTED)]

        found = []
        for one in self.conditions or []:
            names = [one.name] if isinstance(one.name, str) else one.name
            either = [filters_of(name, one.comparison_operator, one.value, values) for name in names]
            found.append(joined("or", either))
        return joined(self.logical_operator, found)


class RetrievalSettingIn(Lenient):
    """How many records, and how good."""

    top_k: int = Field(5, description="How many records.", ge=1, le=MOST_HITS, examples=[5])
    score_threshold: float | None = Field(None, description="The least score.", ge=0, le=1, examples=[0.5])


class RetrievalIn(Lenient):
    """A question to a collection."""

    knowledge_id: str = Field("", description="The collection; the key's own if empty.", examples=["default"])
    query: str = Field(
        description="The question.", min_length=1, max_length=LONGEST_QUESTION, examples=[EXAMPLE_QUESTION]
    )
    retrieval_setting: RetrievalSettingIn = Field(
        RetrievalSettingIn(top_k=5), description="How many records, and how good.", examples=[{"top_k": 5}]
    )
    metadata_condition: MetadataConditionIn | None = Field(
        None, description="Which articles may answer.", examples=[{"logical_operator": "and", "conditions": []}]
    )


class RecordOut(Shape):
    """A passage that was found."""

    content: str = Field(description="The passage.", examples=["The bridge will close for nine weeks."])
    score: float = Field(description="0..1, higher is better.", examples=[0.87])
    title: str = Field(description="The article's title, or its id.", examples=["Harbour bridge to close"])
    metadata: dict[str, Any] = Field(
        description="The citation and the article's facts; never null.", examples=[{"document_id": EXAMPLE_ARTICLE}]
    )

    @classmethod
    def of(cls, hit: Hit) -> Self:
        """One hit."""
        cited = hit.citation
        facts = {
            "document_id": cited.article_id,
            "citation_id": cited.id,
            "revision": cited.revision,
            "start": cited.start,
            "end": cited.end,
            "source": cited.source,
            "author": cited.author,
            "published": cited.published,
            "url": cited.url,
            "deep_link": cited.deep_link,
        }
        metadata = {name: value for name, value in facts.items() if value is not None}
        return cls(content=hit.passage.text, score=hit.score, title=cited.title or cited.article_id, metadata=metadata)


class RecordsOut(Shape):
    """The passages that were found."""

    records: list[RecordOut] = Field(description="Best first.", examples=[[{"title": "…", "score": 0.87}]])


class DifyErrorOut(Shape):
    """Dify's shape of errors."""

    error_code: int = Field(
        description="1001: no key, or not as a bearer's; 1002: the key is not good for this; 2001: there is no such "
        "collection; else the HTTP status.",
        examples=[2001],
    )
    error_msg: str = Field(description="What is wrong.", examples=["There is no collection 'news'."])


STATUSES = (403, 404, 409, 413, 422, 429, 503)
ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": DifyErrorOut, "description": about["description"]}
    for status, about in errors(*STATUSES).items()
    if status in STATUSES
}
BODY: dict[str, Any] = {
    "requestBody": {"content": {"application/json": {"schema": RetrievalIn.model_json_schema()}}},
}


@router.post("/retrieval", operation_id="dify_retrieval", responses=ERRORS, openapi_extra=BODY)
async def retrieval(request: Request, access: AccessHere) -> RecordsOut:
    """Answer a question with passages, as Dify's external knowledge API asks."""
    body = (await request.body()).strip()
    return await run_in_threadpool(_answered, body, access)


def _answered(body: bytes, access: Access) -> RecordsOut:
    asked = parse_json(body) if body else {}
    if not isinstance(asked, dict):
        raise InvalidInput("The body must be an object with a query.", field="body")
    if not asked.get("query"):
        access.service(str(asked.get("knowledge_id") or "") or None)
        return RecordsOut(records=[])
    question = _checked(asked)
    service = access.service(question.knowledge_id or None)
    setting, condition = question.retrieval_setting, question.metadata_condition
    filters = condition.filters(service) if condition else EVERYTHING
    # Programs write these questions, so that no mark in them is an operator.
    answer = service.search(Query(question.query, limit=setting.top_k, filters=filters, operators=False))
    least = setting.score_threshold or 0.0
    return RecordsOut(records=[RecordOut.of(hit) for hit in answer.hits if hit.score >= least])


def _checked(asked: dict[str, Any]) -> RetrievalIn:
    try:
        return RetrievalIn.model_validate(asked)
    except ValidationError as error:
        raise invalid_input([{**one, "loc": ("body", *one["loc"])} for one in error.errors()]) from error
