"""Choose files of the base commit in words: `base`, `base take`, `base out 3 4`, `base in 7`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from signoff_collector.review.base_tree.rows import base_tree_row
from signoff_collector.review.plan.plan_edits import take_base
from signoff_collector.text.linear import linearise, linearise_path
from signoff_schemas.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from signoff_collector.review.base_tree.tree import BaseTree
    from signoff_collector.review.desk.desk import Desk
    from signoff_schemas.plan import WithBase

_MOST: Final = 60
"""Listed files of one kind; the page lists all."""
_HOW: Final = "base take | base drop | base out FILE… | base in FILE…"


def base_answer(desk: Desk, words: list[str]) -> str:
    """Run a `base` command, and return the text to print.

    Raises:
        UsageError: nothing is included yet, or the words are none of these.
        SignoffError: the base tree cannot be read.
    """
    if not desk.plan.keeps:
        raise UsageError("nothing is included yet", hint="First `include` a task.")
    match words:
        case []:
            return base_text(desk)
        case ["drop"]:
            desk.change(take_base(desk.plan, None))
            return "the base tree is not shared"
        case ["take"]:
            desk.change(take_base(desk.plan, _tree(desk).wanted()))
        case ["out" | "in" as way, *numbers] if numbers:
            _narrow(desk, [_number(word) for word in numbers], is_out=way == "out")
        case _:
            raise UsageError("say what", hint=_HOW)
    return base_text(desk)


def base_text(desk: Desk) -> str:
    """Return the base files of the current keep as text, linearised.

    Raises:
        SignoffError: git fails.
    """
    row = base_tree_row(desk.previews, desk.plan, desk.place)
    if not row["possible"]:
        return f"no base tree: {linearise(str(row['why_not']))}. {row['hint'] or ''}".rstrip()
    files = cast("list[dict[str, object]]", row["files"])
    goes = "included" if row["is_chosen"] else "would be included; `base take` includes it"
    lines = [
        f"base commit {row['commit']}: {row['claim_text']}",
        f"{row['files_carried']} files, {row['bytes_carried']} bytes: {goes}",
        f"list {row['list_sha256']}",
    ]
    lines += _listed("never shared", (one for one in files if one["state"] == "left_out"))
    lines += _listed("left out by you", (one for one in files if one["state"] == "unticked"))
    lines += _listed("to look at first", (one for one in files if one["state"] == "asked"))
    going = [one for one in files if one["state"] == "carried"]
    lines += _listed("not your project's", (one for one in going if one["group"] != "own"))
    lines += _listed("included", (one for one in going if one["group"] == "own"))
    return "\n".join([*lines, _HOW])


def base_files(desk: Desk) -> list[dict[str, object]]:
    """Return the rows of `base_tree_row` for the current keep; none if it cannot be read.

    Raises:
        SignoffError: git fails.
    """
    if not desk.plan.keeps:
        return []
    return cast(
        "list[dict[str, object]]", base_tree_row(desk.previews, desk.plan, desk.place)["files"]
    )


def _listed(title: str, rows: Iterable[dict[str, object]]) -> list[str]:
    listed = list(rows)
    if not listed:
        return []
    lines = [f"{title} ({len(listed)})", *(f"  {file_line(row)}" for row in listed[:_MOST])]
    return [*lines, f"  … and {len(listed) - _MOST} more"] if len(listed) > _MOST else lines


def file_line(row: dict[str, object]) -> str:
    """Return the description of one file, linearised."""
    place = "" if row["place"] is None else row["place"]
    said = [row["why"], None if row["group"] == "own" else row["licence"] or row["group"]]
    where = f"line {row['line']}" if row["line"] and row["state"] != "carried" else None
    about = ", ".join(linearise(str(one)) for one in (*said, where) if one)
    return f"{place:>5} {linearise_path(str(row['path']))}{f'  ({about})' if about else ''}"


def _narrow(desk: Desk, places: list[int], *, is_out: bool) -> None:
    tree = _tree(desk)
    before = _chosen(desk, tree)
    out, taken = set(before.leave_out), set(before.take_in)
    if is_out:
        out, taken = out | set(places), taken - set(places)
    else:
        strange = {
            one for one in places if one < len(tree.files) and tree.files[one].unknown_word_line
        }
        out, taken = out - set(places), taken | strange
        tree.wanted(places)  # raises for a place outside the list
    desk.change(take_base(desk.plan, tree.wanted(out, taken)))


def _chosen(desk: Desk, tree: BaseTree) -> WithBase:
    chosen = desk.plan.with_base
    return chosen if chosen is not None and chosen.list_sha256 == tree.sha256 else tree.wanted()


def _tree(desk: Desk) -> BaseTree:
    tree = desk.previews.tree
    if tree is None:
        raise NotFoundError("the base tree cannot be read in this review")
    return tree


def _number(word: str) -> int:
    if not word.isdecimal() or len(word) > 6:
        raise UsageError(f"{word!r} is not a file of the base tree", hint="`base` lists them.")
    return int(word)
