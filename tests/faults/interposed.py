"""What `interpose.c` does to a process, as Python asks for it. Knows files and points, but nothing of libraries.

The process must have been started with `environment`; then it may `arm` itself, once or again and again. What a loss of
power would have left of a folder is made by `after_power_loss` from the mirror that was kept.
"""

from __future__ import annotations

import ctypes
import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from enum import IntEnum, IntFlag
from pathlib import Path

SOURCE = Path(__file__).with_name("interpose.c")


class Kind(IntFlag):
    """Kinds of calls, each a word in a point's name."""

    WRITE = 1
    SYNC = 2
    RENAME = 4
    REMOVE = 8
    TRUNCATE = 16
    MAKE = 32
    OPEN = 64


class Effect(IntEnum):
    """What happens at the chosen point."""

    NOTHING = 0
    KILL_BEFORE = 1
    KILL_AFTER = 2
    KILL_HALFWAY = 3
    KILL_LATER = 4
    FAIL_ONCE = 5
    FAIL_ON = 6


BESIDE = " *"
"""How the name of a point ends that a thread met beside the one that began."""


def compiled(folder: Path) -> Path | None:
    """The shared object, made in this folder; None where there is no C compiler."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if compiler is None:
        return None
    made = folder / "interpose.so"
    if not made.exists():
        options = ["-O1", "-shared", "-fPIC", "-ldl", "-lpthread", "-lrt"]
        subprocess.run([compiler, "-o", made, SOURCE, *options], check=True)
    return made


def environment(shared_object: Path) -> dict[str, str]:
    """The variables of a process that is to be interposed; one thread, so that it may be forked."""
    one_thread = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    return {**os.environ, **one_thread, "LD_PRELOAD": str(shared_object)}


@contextmanager
def armed(
    folder: Path,
    point: str = "",
    nth: int = 1,
    effect: Effect = Effect.NOTHING,
    *,
    error: int = 0,
    kinds: int = 0,
    log: int = -1,
    mirror: Path | None = None,
    after_seconds: float = 0,
) -> Iterator[None]:
    """Inside, what this process does below `folder` is watched; nothing happens before `count`.

    Args:
        folder: an absolute path.
        point: the name of the point, as it is logged.
        nth: the how-manieth time at this point since `count` was called, from 1.
        effect: what happens then.
        error: the number of the error, for calls that fail.
        kinds: with `FAIL_ON`, the kinds of calls that fail from then on.
        log: a file descriptor to write the name of every point to.
        mirror: where to keep what was synced; `begin_mirror` comes first.
        after_seconds: with `KILL_LATER`, how long after the point; more than 0.
    """
    shim, nanoseconds = ctypes.CDLL(None), ctypes.c_long(round(after_seconds * 1e9))
    what = (effect, error, kinds, log, os.fsencode(mirror or ""), nanoseconds)
    shim.interpose_arm(os.fsencode(folder), point.encode(), ctypes.c_long(nth), *what)
    try:
        yield
    finally:
        shim.interpose_disarm()


def count() -> None:
    """Count from here on how often the chosen point is met."""
    ctypes.CDLL(None).interpose_count()


def met() -> int:
    """How often the chosen point was met since `count` was called."""
    times: int = ctypes.CDLL(None).interpose_met()
    return times


def disarm() -> None:
    """Let all calls through from now on."""
    ctypes.CDLL(None).interpose_disarm()


def begin_mirror(folder: Path, mirror: Path) -> None:
    """Take all that is in a folder for synced."""
    mirror.mkdir()
    for path in (folder, *folder.rglob("*")):
        number = path.stat().st_ino
        if path.is_dir():
            names = "".join(f"{one.stat().st_ino} {one.name}\n" for one in path.iterdir())
            (mirror / f"d-{number}").write_text(names)
        else:
            shutil.copyfile(path, mirror / f"f-{number}")


def after_power_loss(folder: Path, mirror: Path, target: Path, chance: random.Random | None) -> None:
    """Make `target` what a loss of power may leave of `folder`, of which a killed process kept a mirror.

    What was synced is there. Of what was not, nothing is, or with `chance` each file's content and each folder's list
    of names as it happens: as it is now, or as it was when last synced.
    """
    now = {path.stat().st_ino: path for path in (folder, *folder.rglob("*"))}

    def lasted(number: int) -> bool:
        return number in now and chance is not None and chance.random() < 0.5

    def names_of(number: int) -> dict[str, int]:
        if lasted(number):
            return {path.name: path.stat().st_ino for path in now[number].iterdir()}
        lines = (mirror / f"d-{number}").read_text().splitlines()
        return {name: int(one) for one, name in (line.split(" ", 1) for line in lines)}

    def put(number: int, path: Path) -> None:
        if not any((mirror / f"{kind}-{number}").exists() for kind in "df"):  # killed in the middle of making it
            (mirror / f"{'d' if number in now and now[number].is_dir() else 'f'}-{number}").touch()
        if (mirror / f"d-{number}").exists():
            path.mkdir()
            for name, one in names_of(number).items():
                put(one, path / name)
        else:
            shutil.copyfile(now[number] if lasted(number) else mirror / f"f-{number}", path)

    put(folder.stat().st_ino, target)
