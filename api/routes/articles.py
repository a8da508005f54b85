"""Articles in and out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request, Response, UploadFile
from fastapi.concurrency import run_in_threadpool

from api.fates import fate, fates
from api.payload import article_draft, parse_articles, parse_json
from api.routes.common import ServiceHere, ServiceToWrite, errors
from api.wire.articles import ArticleCardOut, ArticleIn, ArticleOut, ArticlePageOut, DeletedOut, FateOut, FatesOut
from api.wire.common import EXAMPLE_ARTICLE
from index.articles.readers import read_bytes
from index.errors import ArticleNotFound, InvalidInput, TooLarge
from index.ingest import Outcome

router = APIRouter(prefix="/v1/articles", tags=["articles"])

ArticleId = Annotated[
    str, Path(description="The article's id, percent-encoded; it may hold slashes.", examples=[EXAMPLE_ARTICLE])
]

ONE = ArticleIn.model_json_schema()
BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": {"anyOf": [ONE, {"type": "array", "items": ONE}]}},
            "application/x-ndjson": {"schema": {"type": "string", "description": "One article a line."}},
        },
    }
}
BODY_OF_ONE: dict[str, Any] = {
    "requestBody": {"required": True, "content": {"application/json": {"schema": ONE}}},
}


@router.post("", operation_id="add_articles", responses=errors(409, 413, 422, 503), openapi_extra=BODY)
async def add_articles(request: Request, service: ServiceToWrite) -> FatesOut:
    """Store one article, an array of them, or one a line (`application/x-ndjson`); tells the fate of each.

    An article replaces the one of the same id. A single article that cannot be used is an error; among several it is
    rejected and the rest is stored.
    """
    lines = "ndjson" in request.headers.get("content-type", "") or "jsonl" in request.headers.get("content-type", "")
    body = await request.body()

    def work() -> FatesOut:
        drafts, single = parse_articles(body, lines=lines)
        outcomes = list(service.store(drafts))
        if single:
            _raise_rejection(outcomes)
        return fates(service, outcomes)

    return await run_in_threadpool(work)


@router.post("/upload", operation_id="upload_articles", responses=errors(409, 413, 422, 503))
def upload_articles(request: Request, files: list[UploadFile], service: ServiceToWrite) -> FatesOut:
    """Store the articles in uploaded files, of every format that `pincite index` reads."""
    most = request.app.state.settings.max_upload_files
    if len(files) > most:
        raise TooLarge(f"{len(files):,} files were sent; at most {most:,} go in one request.", field="files")
    drafts = (draft for file in files for draft in read_bytes(file.file.read(), file.filename or "upload"))
    return fates(service, list(service.store(drafts)))


@router.get("", operation_id="list_articles", responses=errors(422))
def list_articles(
    service: ServiceHere,
    cursor: Annotated[str | None, Query(description="From `next_cursor` of the page before.", examples=["YQ"])] = None,
    limit: Annotated[int, Query(description="How many.", ge=1, le=1_000, examples=[100])] = 100,
) -> ArticlePageOut:
    """The articles by id, page by page, without their texts."""
    articles, following = service.articles(cursor, limit)
    cards = [ArticleCardOut.of(article) for article in articles]
    return ArticlePageOut(articles=cards, next_cursor=following)


@router.get("/{article_id:path}", operation_id="get_article", responses=errors(404, 422))
def get_article(article_id: ArticleId, service: ServiceHere) -> ArticleOut:
    """One article with its text."""
    return ArticleOut.of(service.article(article_id))


@router.put(
    "/{article_id:path}",
    operation_id="put_article",
    responses=errors(409, 413, 422, 503) | {201: {"model": FateOut, "description": "It is new."}},
    openapi_extra=BODY_OF_ONE,
)
async def put_article(article_id: ArticleId, request: Request, response: Response, service: ServiceToWrite) -> FateOut:
    """Store one article under this id: 201 when it is new, 200 when it replaced one or was there already."""
    body = await request.body()

    def work() -> FateOut:
        record = parse_json(body)
        if not isinstance(record, dict):
            raise InvalidInput("The body must be one article.", field="body")
        if record.get("id", article_id) != article_id:
            raise InvalidInput("The id in the body is not the id in the address.", field="id")
        outcomes = list(service.store([article_draft(record | {"id": article_id})]))
        _raise_rejection(outcomes)
        return fate(0, outcomes[0])

    became = await run_in_threadpool(work)
    response.status_code = 201 if became.status == "added" else 200
    return became


@router.delete("/{article_id:path}", operation_id="delete_article", responses=errors(404, 422, 503))
def delete_article(article_id: ArticleId, service: ServiceToWrite) -> DeletedOut:
    """Delete one article with its passages."""
    receipt = service.delete([article_id])
    if not receipt.deleted:
        raise ArticleNotFound(f"There is no article {article_id!r} in this library.", article_id=article_id)
    return DeletedOut(id=article_id, generation=receipt.generation)


def _raise_rejection(outcomes: Sequence[Outcome]) -> None:
    for outcome in outcomes:
        if outcome.error:
            raise outcome.error
