"""Word files (DOCX): one article each, paragraphs and tables in their order."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from datetime import UTC
from io import BytesIO
from typing import Any

from index.articles.article import Draft, Json
from index.articles.readers.archives import unpacked_size
from index.articles.readers.files import Source, missing, too_large, whole
from index.errors import Unreadable

try:
    import docx
except ImportError:  # the extra is not installed
    docx = None  # type: ignore[assignment]


def read_docx(source: Source) -> Iterator[Draft]:
    """The file as a draft: blank lines between paragraphs, tabs between the cells of a table.

    Raises:
        Unreadable: it is damaged, or unpacks to more than the limit.
    """
    if docx is None:
        raise missing("documents", "DOCX", source.origin)
    data = BytesIO(whole(source))
    try:
        with zipfile.ZipFile(data) as archive:
            size = unpacked_size(archive)
        document = docx.Document(data) if size <= source.largest else None
    except Exception as error:  # noqa: BLE001, RUF100 (damaged files raise nearly everything)
        raise Unreadable(f"it is a damaged DOCX file: {error!r:.200}", origin=source.origin) from None
    if document is None:
        raise Unreadable(too_large(source.largest), origin=source.origin)
    stated = document.core_properties
    yield Draft(
        source.origin,
        "\n\n".join(_shown(part) for part in document.iter_inner_content()),
        title=stated.title or None,
        author=stated.author or None,
        metadata=_dates(stated),
        place="document properties",
    )


def _shown(part: Any) -> str:
    if not hasattr(part, "rows"):
        return str(part.text)
    return "\n".join("\t".join(cell.text.replace("\n", " ") for cell in row.cells) for row in part.rows)


def _dates(stated: Any) -> dict[str, Json]:
    """When the file was made and changed: facts of the file, not of the article's publication."""
    found = {"created": stated.created, "modified": stated.modified}
    return {name: moment.replace(tzinfo=UTC).isoformat() for name, moment in found.items() if moment}
