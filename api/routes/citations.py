"""Checking citations."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Response

from api.routes.common import ServiceHere, errors
from api.wire.answers import CheckOut
from api.wire.common import EXAMPLE_CITATION
from index.errors import NotFound
from search.references import MEDIA_TYPES, Format, written

router = APIRouter(prefix="/v1", tags=["citations"])


@router.get("/citations/{citation_id}", operation_id="check_citation", responses=errors(404, 422))
def check(
    service: ServiceHere,
    citation_id: str = Path(description="A citation's id.", examples=[EXAMPLE_CITATION]),
) -> CheckOut:
    """Tell whether a cited quote still stands: unchanged, moved, changed or gone."""
    return CheckOut.of(service.check(citation_id))


@router.get(
    "/citations/{citation_id}/{form}",
    operation_id="write_citation",
    responses=errors(404, 422)
    | {200: {"description": "The citation.", "content": {kind.partition(";")[0]: {} for kind in MEDIA_TYPES.values()}}},
    response_class=Response,
)
def write(
    service: ServiceHere,
    citation_id: Annotated[str, Path(description="A citation's id.", examples=[EXAMPLE_CITATION])],
    form: Annotated[Format, Path(description="How it is written.", examples=["bibtex"])],
) -> Response:
    """A citation as plain text, Markdown, BibTeX, CSL-JSON or a W3C annotation, where its quote still stands."""
    check = service.check(citation_id)
    if check.citation is None:
        raise NotFound(f"The quote stands in {check.reference.article_id!r} no more: it is {check.status}.")
    return Response(written(check.citation, form), media_type=MEDIA_TYPES[form])
