"""Deeds done with git."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from tests.days.choosing import before
from tests.days.deeds import Deed

if TYPE_CHECKING:
    from tests.days.day import Day


def _git(day: Day, deed: Deed, *commands: str) -> str | None:
    if not day.has_git:
        return None
    held = before(day)
    wall_s = day.world.wall_ns() // 10**9
    dates = {"GIT_AUTHOR_DATE": f"{wall_s} +0000", "GIT_COMMITTER_DATE": f"{wall_s} +0000"}
    for command in commands:
        subprocess.run(
            ["git", *command.split()], cwd=day.root, env={**os.environ, **dates},
            check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
    day.changed_disk(f"git {commands[-1].split()[0]}", held, deed.how)
    day.git_due = day.world.ms + (4, 4, 60, 350)[deed.how // 3 % 4]
    return "; ".join(f"git {command}" for command in commands)


def _commit(day: Day, deed: Deed) -> str | None:
    day.truth.committed.update(text for text in day.found().values())
    return _git(day, deed, "add -A", "commit -q -m done")


def _switch(day: Day, deed: Deed) -> str | None:
    return _git(day, deed, f"checkout -q {('main', 'topic', 'topic')[deed.how % 3]}")


def _checkout_all(day: Day, deed: Deed) -> str | None:
    return _git(day, deed, "checkout -q .")


def _reset(day: Day, deed: Deed) -> str | None:
    return _git(day, deed, f"reset -q --hard {('HEAD', 'HEAD', 'HEAD~1')[deed.how % 3]}")


def _stash(day: Day, deed: Deed) -> str | None:
    return _git(day, deed, ("stash push -q", "stash push -q -u")[deed.how % 2])


def _pop(day: Day, deed: Deed) -> str | None:
    return _git(day, deed, "stash pop -q")


REPOSITORY: Final[dict[str, Callable[[Day, Deed], str | None]]] = {
    "commit": _commit,
    "switch": _switch,
    "checkout_all": _checkout_all,
    "reset": _reset,
    "stash": _stash,
    "pop": _pop,
}
