"""docs/settings.md, made from the settings themselves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import Field, fields

from api.reference.markdown import table
from api.settings import Settings, kinds, variable

INTRODUCTION = """# Settings

Made from the program by `make docs`. Each setting can be given in four places; the first one that has it counts:

1. a flag of a command, where it has one: `pincite serve --port 9000`
2. an environment variable: `PINCITE_PORT=9000`
3. a line in a TOML file that `--config FILE` or `PINCITE_CONFIG` names: `port = 9000`; of several, a list or one text
   with commas between: `origins = ["https://chat.example"]`
4. the default

A value that cannot be used is an error that says where it was set, and so is a key of the file that is no setting.
`PINCITE_MODELS`, where models are kept (`~/.cache/pincite/models`), is a variable only. Variables that begin with
`PINCITE_` and are no setting are told in the log of `pincite serve`, and are no error, because container platforms make
some by themselves.
"""


def page() -> Iterator[str]:
    """The lines of the page."""
    yield from INTRODUCTION.splitlines()
    yield ""
    yield from table(("in a file", "variable", "default", "is"), map(_row, fields(Settings)))


def _row(field: Field[object]) -> tuple[str, str, str, str]:
    kind = kinds()[field.name]
    values = "" if kind.wanted == "text" else f"; {kind.wanted}"
    default = f"`{str(field.default).lower() if isinstance(field.default, bool) else field.default}`"
    shown = default if field.default != "" else "none"
    return f"`{field.name}`", f"`{variable(field.name)}`", shown, kind.about + values
