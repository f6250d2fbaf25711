"""List the files of the base commit as rows with a checkbox and their state."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from signoff_collector.review.base_tree.answering import base_answer, base_files, file_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from signoff_collector.review.desk.desk import Desk

Item = tuple[str, "Callable[[], str]"]


def base_items(desk: Desk) -> Iterator[Item]:
    """Yield each row with the callback for choosing it, which returns a status message."""
    if desk.plan.with_base is None:
        yield "share the files of the base commit too …", partial(_take, desk)
        return
    yield "do not share the files of the base commit", partial(base_answer, desk, ["drop"])
    for row in base_files(desk):
        goes = row["state"] == "carried"
        mark = "[along]" if goes else "[     ]"
        yield f"{mark} base file {file_line(row)}", partial(_turn, desk, row["place"], goes=goes)


def _take(desk: Desk) -> str:
    base_answer(desk, ["take"])
    rows = base_files(desk)
    goes = sum(row["state"] == "carried" for row in rows)
    return f"{goes} of {len(rows)} files of the base commit are included: the list is below"


def _turn(desk: Desk, place: object, *, goes: bool) -> str:
    if place is None:
        return "this file is never shared"
    base_answer(desk, ["out" if goes else "in", str(place)])
    return "left out" if goes else "included, unless your plan cuts or masks it"
