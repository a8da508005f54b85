"""The HTTP application: routes, error shape, limits and lifespan put together."""

from __future__ import annotations

import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from api.failures import HTTP_CODES, shape, shape_of, shape_of_validation, status_of
from api.limits import BodyLimit
from api.routes import articles, citations, health, search
from api.service import Service
from index.errors import PinciteError

logger = logging.getLogger("pincite")

DESCRIPTION = """Semantic search over articles. Every answer is a ranked passage with a citation that can be checked:
`article.text[start:end] == quote`, in Unicode code points. Every error has one shape, `{"error": {code, message,
detail}}`."""


def create_app(service: Service, max_body_mb: int = 64) -> FastAPI:
    """The application over an open service. It loads the model in the background and closes the service at its end.

    Args:
        service: what answers.
        max_body_mb: the largest request body, in MiB.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        threading.Thread(target=_warm, args=(service,), daemon=True).start()
        yield
        service.close()

    app = FastAPI(
        title="Pincite",
        version=version("pincite"),
        summary="Ranked passages with citations exact to the character.",
        description=DESCRIPTION,
        lifespan=lifespan,
        redirect_slashes=False,
        # FastAPI's pages load their scripts from a public network; Pincite works without one.
        docs_url=None,
        redoc_url=None,
    )
    app.state.service = service
    for routes in (search, articles, citations, health):
        app.include_router(routes.router)
    app.add_middleware(BodyLimit, most=max_body_mb * 1024 * 1024)
    _answer_errors(app)
    return app


def _warm(service: Service) -> None:
    try:
        service.warm()
    except PinciteError as error:
        logger.error("The model cannot be loaded: %s", error.message)  # noqa: TRY400 - the message says all


def _answer_errors(app: FastAPI) -> None:
    """Give every error the one shape."""

    @app.exception_handler(PinciteError)
    def own(_: Request, error: PinciteError) -> JSONResponse:
        return JSONResponse(shape_of(error), status_of(error))

    @app.exception_handler(RequestValidationError)
    def invalid(_: Request, error: RequestValidationError) -> JSONResponse:
        return JSONResponse(shape_of_validation(error.errors()), 422)

    @app.exception_handler(HTTPException)
    def http(request: Request, error: HTTPException) -> JSONResponse:
        code = HTTP_CODES.get(error.status_code, "invalid_input")
        message = f"{request.method} {request.url.path}: {error.detail}."
        return JSONResponse(shape(code, message), error.status_code, headers=error.headers)

    @app.exception_handler(Exception)
    def unforeseen(request: Request, error: Exception) -> JSONResponse:
        logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
        return JSONResponse(shape("internal", "Pincite failed at this request; its log says why."), 500)
