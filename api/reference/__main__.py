"""Writes the reference: `python -m api.reference docs`."""

from __future__ import annotations

import sys
from pathlib import Path

from api.reference import PAGES, text

if __name__ == "__main__":
    for name, page in PAGES.items():
        (Path(sys.argv[1]) / name).write_text(text(page))
