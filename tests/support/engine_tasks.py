"""Tasks that engines are tried with: each is a function that a worker finds by its name."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path
from threading import Lock

from tests.support.deadline import wait_until

TEXT = "\U0001f98a\U00010348"


def double(given: int) -> str:
    return TEXT * given * 2


def raise_at_three(given: int) -> str:
    if given == 3:
        raise LookupError(f"content that nobody may read: {TEXT}")
    return double(given)


def panic_at_three(given: int) -> str:
    if given == 3:
        raise SystemExit(TEXT)
    return double(given)


def kill_at_three(given: int) -> str:
    if given == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return double(given)


def kill_once(given: tuple[str, int]) -> str:
    """Die where the file is not there yet; make it first."""
    flag, number = given
    if number == 3:
        with suppress(FileExistsError):
            Path(flag).open("x").close()
            os.kill(os.getpid(), signal.SIGKILL)
    return double(number)


def unsendable_at_three(given: int) -> object:
    return Lock() if given == 3 else double(given)


def megabytes(given: int) -> bytes:
    return bytes([given]) * (given << 20)


class Unreadable:
    """Can be sent, and raises where it is read."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return int, (TEXT,)


def unreadable_at_three(given: int) -> object:
    return Unreadable() if given == 3 else double(given)


def alone_with(given: tuple[str, int]) -> list[int]:
    """Say which others work at the same time; the first two tries of number 3 die."""
    folder, number = given
    mark = Path(folder) / f"{number}"
    mark.touch()
    if number == 3:
        tries = len(list(Path(folder).glob("try-*")))
        (Path(folder) / f"try-{tries}").touch()
        if tries < 2:
            os.kill(os.getpid(), signal.SIGKILL)
    beside = sorted(int(path.name) for path in Path(folder).iterdir() if path.name.isdigit())
    mark.unlink()
    return beside


def wait_for_ever(folder: str) -> None:
    """Name this process in a file, then wait until it is killed."""
    (Path(folder) / str(os.getpid())).touch()
    signal.pause()


def name_of(given: object) -> str:
    return type(given).__name__


def own_process(_: int) -> int:
    return os.getpid()


def wait_for_go(given: tuple[str, int]) -> str:
    """Say where this is at work, then wait until the test lets it end."""
    folder, number = given
    (Path(folder) / f"at-{number}").touch()
    wait_until((Path(folder) / f"go-{number}").exists, "the test lets it go")
    return double(number)


def environment_of(names: tuple[str, ...]) -> tuple[str | None, ...]:
    """Return what variables hold in a worker."""
    return tuple(os.environ.get(name) for name in names)
