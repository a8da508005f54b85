"""What a command asks: the server that is named, or the library in this process. Both answer in the same shapes.

Each is imported when it is asked, so that nobody who has a server running waits for a library's parts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from api.cli.commands import loaded
from api.plain.options import SearchOptions, search_body
from api.settings import Settings

if TYPE_CHECKING:
    from api.client import Pincite
    from api.in_process import InProcess


def opened(settings: Settings) -> Pincite | InProcess:
    """What the settings name; close it when done, it is a context manager.

    Raises:
        LibraryMissing: there is no such library.
        InvalidSetting: the server's address is none.
    """
    if settings.server:
        return connected(settings)
    library: InProcess = loaded("api.in_process").InProcess.open(settings=settings)
    return library


def check_question(settings: Settings, question: str, options: SearchOptions) -> None:
    """Refuse what cannot be asked before a library is looked for; a server checks for itself.

    Raises:
        InvalidInput: something in the question or its options cannot be used; `detail["field"]` names it.
    """
    if not settings.server:
        loaded("api.wire.questions").SearchIn.checked(search_body(question, options)).to_query()


def connected(settings: Settings) -> Pincite:
    """The client of the server that the settings name."""
    client: Pincite = loaded("api.client").Pincite(
        settings.server, api_key=settings.api_key, collection=settings.collection
    )
    return client
