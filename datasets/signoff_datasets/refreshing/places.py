"""Where a refresh may write: nowhere that it erases, and over nothing that is there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from signoff_collector.own_files.private_files import create_private, read_regular, storage_error
from signoff_schemas.dataset import MAX_BYTES
from signoff_schemas.errors import DamagedError, NotFoundError, RefusedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence


def refuse_places(folder: Path, out: Path, new_plan: Path, plan: Path | None) -> None:
    """Refuse places that the erasure of the old version, or the new version, would take along.

    Args:
        folder: the data set, which is erased.
        out: where the new version goes.
        new_plan: where its plan goes.
        plan: file of the old plan, where there is one.

    Raises:
        RefusedError: one lies in another, links followed.
        UsageError: a folder to write in is not there.
    """
    old, new = _real(folder), _real(out)
    if _is_in(new, old) or _is_in(old, new):
        raise RefusedError(
            f"{out} and {folder} lie one in the other, and {folder} is erased; nothing was done",
            hint=f"Name a folder beside {folder} with -o.",
        )
    plans = [new_plan] if plan is None else [new_plan, plan]
    for one in plans:
        for place, real in ((folder, old), (out, new)):
            if _is_in(_real(one), real):
                raise RefusedError(
                    f"the plan {one} lies in {place}, and a data set holds no plan;"
                    " nothing was done",
                    hint=f"Keep plans beside data sets, not in {place}.",
                )
    if plan is not None and _real(new_plan) == _real(plan):
        raise RefusedError(
            f"{plan} is the old plan, and the new one would be written over it; nothing was done",
            hint="Name another file with --new-plan.",
        )
    for one in (out, new_plan):
        if not one.parent.is_dir():
            raise UsageError(
                f"there is no folder {one.parent} to write {one.name} in; nothing was done",
                hint="Make it, or name another.",
            )


def refuse_other_plan(new_plan: Path, content: bytes) -> None:
    """Refuse a place of the new plan where something else lies.

    Raises:
        RefusedError: it is not the very file that is to be written.
    """
    if not os.path.lexists(new_plan):
        return
    try:
        is_same = read_regular(new_plan, max_bytes=MAX_BYTES) == content
    except (NotFoundError, DamagedError):
        is_same = False
    if not is_same:
        raise RefusedError(
            f"there is something at {new_plan} already; nothing was written or erased",
            hint="Name a place for the plan of the new version with --new-plan.",
        )


def write_plan(new_plan: Path, content: bytes) -> None:
    """Write the new plan, if it does not lie there.

    Raises:
        RefusedError: meanwhile something else came there.
        SignoffError: it cannot be written.
    """
    try:
        create_private(new_plan, content)
    except FileExistsError:
        refuse_other_plan(new_plan, content)
    except OSError as error:
        raise storage_error(error, new_plan) from error


def listed(names: Sequence[str]) -> str:
    """Name files, the first of many."""
    shown = 20
    left = len(names) - shown
    return ", ".join(names[:shown]) + (f" and {left} more" if left > 0 else "")


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _is_in(inner: Path, outer: Path) -> bool:
    return inner == outer or outer in inner.parents
