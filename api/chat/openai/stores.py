"""Collections as vector stores: searched, listed, and paged through file by file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Annotated, TypeVar

from fastapi import APIRouter, Path, Query

from api.chat.conditions import DEEPEST, all_of, any_of, compared
from api.chat.openai.attributes import article_id_of
from api.chat.openai.shapes import (
    EXAMPLE_FILE,
    ComparisonIn,
    CompoundIn,
    ContentOut,
    FileOut,
    FilePageParameters,
    FilesOut,
    PageParameters,
    ResultOut,
    ResultsOut,
    StoreOut,
    StoreSearchIn,
    StoresOut,
    TextOut,
)
from api.routes.common import AccessHere, errors
from api.service import Service
from index.errors import InvalidInput
from index.library.contract import Filters
from search import query as asking
from search.answer import Hit

router = APIRouter(prefix="/v1/vector_stores", tags=["openai"])

StoreId = Annotated[str, Path(description="The collection's name.", examples=["default"])]
FileId = Annotated[str, Path(description="The file's id, as results and lists give it.", examples=[EXAMPLE_FILE])]
T = TypeVar("T")


@router.get("", operation_id="list_vector_stores", responses=errors())
def list_stores(access: AccessHere, page: Annotated[PageParameters, Query()]) -> StoresOut:
    """The collections that the caller may use, as vector stores."""
    names = sorted(name for name in access.names() if page.after is None or name > page.after)
    shown = [_store(name, access.service(name)) for name in names[: page.limit]]
    ids = [store.id for store in shown]
    return StoresOut(data=shown, first_id=_at(ids, 0), last_id=_at(ids, -1), has_more=len(names) > page.limit)


@router.get("/{store_id}", operation_id="get_vector_store", responses=errors(404))
def get_store(store_id: StoreId, access: AccessHere) -> StoreOut:
    """One collection as a vector store."""
    return _store(store_id, access.service(store_id))


@router.post("/{store_id}/search", operation_id="search_vector_store", responses=errors(404, 409, 413, 503))
def search_store(store_id: StoreId, request: StoreSearchIn, access: AccessHere) -> ResultsOut:
    """Search a collection. Each result is a passage with its citation in the attributes."""
    service = access.service(store_id)
    hits = _best(_asked(service, request), request)
    with service.library.snapshot() as snapshot:
        articles = {hit.citation.article_id: snapshot.article(hit.citation.article_id) for hit in hits}
    results = [ResultOut.of(hit, articles[hit.citation.article_id]) for hit in hits]
    return ResultsOut(search_query=request.questions(), data=results)


@router.get("/{store_id}/files", operation_id="list_vector_store_files", responses=errors(404))
def list_files(store_id: StoreId, access: AccessHere, page: Annotated[FilePageParameters, Query()]) -> FilesOut:
    """The articles of a collection as files, page by page."""
    last = article_id_of(page.after) if page.after else None
    with access.service(store_id).library.snapshot() as snapshot:
        articles = snapshot.articles(last, page.limit + 1) if page.filter == "completed" else []
    files = [FileOut.of(store_id, article) for article in articles[: page.limit]]
    ids = [file.id for file in files]
    return FilesOut(data=files, first_id=_at(ids, 0), last_id=_at(ids, -1), has_more=len(articles) > page.limit)


@router.get("/{store_id}/files/{file_id}", operation_id="get_vector_store_file", responses=errors(404))
def get_file(store_id: StoreId, file_id: FileId, access: AccessHere) -> FileOut:
    """One article as a file."""
    return FileOut.of(store_id, access.service(store_id).article(article_id_of(file_id)))


@router.get("/{store_id}/files/{file_id}/content", operation_id="get_vector_store_file_content", responses=errors(404))
def get_content(store_id: StoreId, file_id: FileId, access: AccessHere) -> ContentOut:
    """The text of one article."""
    article = access.service(store_id).article(article_id_of(file_id))
    return ContentOut(data=[TextOut(text=article.text)])


def filters_of(condition: ComparisonIn | CompoundIn | None, depth: int = 1) -> Filters:
    """OpenAI's filters as ours.

    Raises:
        InvalidInput: a key, comparison or value that the library does not know; conditions nested too deeply.
    """
    if condition is None:
        return Filters()
    if depth > DEEPEST:
        raise InvalidInput(f"filters are nested more than {DEEPEST} deep.", field="filters")
    if isinstance(condition, ComparisonIn):
        return compared(condition.key, condition.type, condition.value)
    join = all_of if condition.type == "and" else any_of
    return join(filters_of(one, depth + 1) for one in condition.filters)


def _asked(service: Service, request: StoreSearchIn) -> Iterable[Hit]:
    """The hits for every question. Programs write these questions, so that no mark in them is an operator."""
    ranking, filters = request.ranking_options, filters_of(request.filters)
    for question in request.questions():
        query = asking.Query(
            question,
            limit=request.max_num_results,
            filters=filters,
            group="none",
            rerank=False if ranking and ranking.ranker == "none" else None,
            operators=False,
        )
        yield from service.search(query).hits


def _best(hits: Iterable[Hit], request: StoreSearchIn) -> list[Hit]:
    """The best hits, each passage once, by the highest of its scores."""
    best: dict[str, Hit] = {}
    for hit in hits:
        if hit.passage.id not in best or hit.score > best[hit.passage.id].score:
            best[hit.passage.id] = hit
    least = request.ranking_options.score_threshold if request.ranking_options else 0.0
    ranked = sorted((hit for hit in best.values() if hit.score >= least), key=lambda hit: -hit.score)
    return ranked[: request.max_num_results]


def _store(name: str, service: Service) -> StoreOut:
    return StoreOut.of(name, service.status(), service.model)


def _at(values: Sequence[T], place: int) -> T | None:
    return values[place] if values else None
