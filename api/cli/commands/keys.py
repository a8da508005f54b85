"""`pincite keys`: API keys are made, listed and revoked. A running server takes all of it up at once."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

import typer

from api.cli.output import AsJson, messages, print_json, print_lines
from api.cli.periods import seconds
from api.keys import SCOPES, Key, KeyRing, checked_scopes
from api.settings import Settings
from api.shelf import DEFAULT

keys = typer.Typer(help="API keys: who may do what, in which collections.", no_args_is_help=True)


@keys.command("create")
def create_key(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="What you call it, such as who has it.")],
    scope: Annotated[
        list[str],
        typer.Option(help=f"What it may do: {', '.join(SCOPES)} (all of it). May be repeated, as may --collection."),
    ] = ["search"],  # noqa: B006 - typer copies it
    collection: Annotated[
        list[str], typer.Option(help="Where: a collection's name, or '*' for all of them, also those to come.")
    ] = [DEFAULT],  # noqa: B006
    expires: Annotated[str | None, typer.Option(help="How long it is good: 12h, 90d.", show_default="for ever")] = None,
    as_json: AsJson = False,
) -> None:
    """Make a key and print it. It cannot be printed again.

    Example: pincite keys create reporting --scope search --scope write --collection gazette --expires 90d
    """
    life = timedelta(seconds=seconds(expires, "expires")) if expires else None
    key, secret = _ring(context.obj).create(name, checked_scopes(scope), collection, life)
    if as_json:
        print_json({**_shown(key), "key": secret})
        return
    messages.print(f"Key {name!r}. Keep it now; it is not kept here and cannot be shown again:", markup=False)
    print_lines([secret])


@keys.command("list")
def list_keys(context: typer.Context, as_json: AsJson = False) -> None:
    """List the keys, never the secrets: what each may do, where, until when, and whether it still opens anything."""
    found = _ring(context.obj).listed()
    if as_json:
        print_json([_shown(key) for key in found])
        return
    if not found:
        messages.print(f"There are no keys in {context.obj.keys}. `pincite keys create NAME` makes one.", markup=False)
    print_lines(_line(key) for key in found)


@keys.command("revoke")
def revoke_key(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="The key's name or id, as `pincite keys list` shows them.")],
    as_json: AsJson = False,
) -> None:
    """Take a key back. It opens nothing from now on, also at a server that runs."""
    revoked = _ring(context.obj).revoke(name)
    if as_json:
        print_json([_shown(key) for key in revoked])
    else:
        print_lines(f"revoked {key.id} {key.name}" for key in revoked)


def _ring(settings: Settings) -> KeyRing:
    return KeyRing(settings.keys_path)


def _shown(key: Key) -> dict[str, Any]:
    """A key without its digest, with its state."""
    shown = {name: value for name, value in asdict(key).items() if name != "digest"}
    return shown | {"state": key.state(datetime.now(UTC))}


def _line(key: Key) -> str:
    until = key.expires or "for ever"
    where, what = ",".join(key.collections), ",".join(key.scopes)
    return f"{key.id}  {key.state(datetime.now(UTC)):<8}{key.name:<20}{what:<20}{where:<20}{until}"
