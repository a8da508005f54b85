"""A process that writes to a library until it is done or killed; started by the tests of several processes.

Usage: writer_process.py FOLDER NAME BATCHES. Batch n puts the articles NAME-0, NAME-1 and NAME-n again with texts that
say n, and deletes NAME-(n-3) for every third n. Each acknowledged batch is a line ``n generation`` on standard output.
"""

from __future__ import annotations

import sys
from pathlib import Path

from index.library.contract import Entry
from index.library.local.library import LocalLibrary
from index.library.opening import open_library
from tests.index.library.samples import entry

PASSAGES = 4


def batch_of(name: str, number: int) -> list[Entry]:
    """The articles of one batch, each of `PASSAGES` passages that say the batch's number."""
    names = dict.fromkeys([f"{name}-0", f"{name}-1", f"{name}-{number}"])
    sentences = [f"batch {number} sentence {at}" for at in range(PASSAGES)]
    return [entry(one, *sentences, seed=number, language="en") for one in names]


def gone_with(name: str, number: int) -> list[str]:
    """The articles that are deleted after a batch."""
    return [f"{name}-{number - 3}"] if number % 3 == 0 and number > 5 else []


def main(folder: Path, name: str, batches: int) -> None:
    open_library(folder, create=True).close()
    library = LocalLibrary(folder, tail_rows=50)
    for number in range(batches):
        receipt = library.put(batch_of(name, number))
        if gone := gone_with(name, number):
            receipt = library.delete(gone)
        sys.stdout.write(f"{number} {receipt.generation}\n")
        sys.stdout.flush()
    library.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
