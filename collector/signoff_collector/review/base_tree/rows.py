"""The base tree as JSON rows for page and terminal, listed before anything is signed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_collector.review.applying.selection import select
from signoff_collector.review.base_tree.choosing import chosen_of
from signoff_collector.review.base_tree.unknown_words import unknown_word_samples
from signoff_schemas.errors import NotFoundError, RefusedError, SignoffError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signoff_collector.review.applying.base_walk import BaseWalk
    from signoff_collector.review.applying.previews import Previews
    from signoff_collector.review.base_tree.choosing import Carried, Narrowed
    from signoff_collector.review.base_tree.tree import BaseTree, ExcludedFile, Why
    from signoff_schemas.plan import Plan, WithBase

Row = dict[str, object]
PUBLIC: Final = "public by your claim: a remote has the commit; who can read it was not checked"
NAMED: Final = (
    "public by your claim: you name the repository. The files were checked as private ones "
    "nevertheless: those with names or addresses are left out"
)
PRIVATE: Final = "not declared public: names and addresses in it count as personal data"
_DIGITS: Final = 12
_WHY: Final[Mapping[Why, str]] = {
    "secret": "it contains a secret: rotate it",
    "personal": "it names people or this machine",
    "never_recorded": "never recorded",
    "ignored": "git ignores it",
    "hidden_by_signoffignore": ".signoffignore hides it",
    "undecided": "it is not known whether git ignores it",
    "nested_repository": "it is in a separate repository",
    "unsafe_name": "its name is not safe to write on every system",
    "submodule": "a submodule",
    "binary": "it is not text",
    "missing": "its content is not in the repository",
    "too_large": "larger than 1 MiB",
    "too_much": "the base is larger than 64 MiB or 20,000 files",
}
_NARROWED: Final[Mapping[Narrowed, str]] = {
    "unticked": "left out by you",
    "asked": "it contains a word that is in no list: look at it, then include it",
    "cut": "cut by your plan",
    "masked": "it contains a value that your plan masks",
    "gone": "it was deleted before the included steps began",
    "otherwise": "it had another text when it was opened",
}


def base_tree_row(previews: Previews, plan: Plan, keep: int) -> Row:
    """Return which base files one keep includes and which stay, as JSON values.

    The rows do not depend on whether the plan includes the tree: `is_chosen` says so. A plan for
    another list of files counts as not including it. Paths are raw recorded text, not escaped.

    | name | |
    |---|---|
    | `possible` `why_not` `hint` | whether it can be read; all below is empty if not |
    | `commit` | first digits of the base commit; shown here, told to nobody |
    | `claim` `claim_text` | `declared_public` or `private`, and in words whose claim that is |
    | `list_sha256` `is_chosen` | what a plan names |
    | `files` | `{place, path, size_bytes, state, why, line, group, licence, samples}`; \
`samples`: \
the lines around a word that is asked about; `place` is None for a file that stays whatever the \
plan says; `state`: carried, unticked, asked, left_out |
    | `files_carried` `bytes_carried` `files_left_out` | sums |

    Raises:
        UsageError: there is no such keep, or nothing is left of it.
        SignoffError: git fails.
    """
    if not 0 <= keep < len(plan.keeps):
        raise UsageError(f"the plan has no keep {keep}; it has {len(plan.keeps)}")
    try:
        tree = previews.tree
    except (NotFoundError, RefusedError) as error:
        return _impossible(error)
    if tree is None:
        return _impossible(NotFoundError("the base tree cannot be read in this review"))
    return _possible(plan, previews.base, keep, tree)


def _impossible(error: SignoffError) -> Row:
    return {
        "possible": False,
        "why_not": str(error),
        "hint": error.hint,
        "commit": None,
        "claim": None,
        "claim_text": None,
        "list_sha256": None,
        "is_chosen": False,
        "files": [],
        "files_carried": 0,
        "bytes_carried": 0,
        "files_left_out": 0,
    }


def _possible(plan: Plan, base: BaseWalk, keep: int, tree: BaseTree) -> Row:
    wanted = _wanted(plan, tree)
    chosen = tree.wanted() if wanted is None else wanted
    along = chosen_of(chosen, plan, base, select(plan, base, plan.keeps[keep]), tree)
    rows = [*_rows(tree, along), *map(_excluded_row, tree.staying)]
    is_named = plan.name_repository is not None
    return {
        "possible": True,
        "why_not": None,
        "hint": None,
        "commit": tree.commit[:_DIGITS],
        "claim": "declared_public" if tree.is_public or is_named else "private",
        "claim_text": PUBLIC if tree.is_public else NAMED if is_named else PRIVATE,
        "list_sha256": tree.sha256,
        "is_chosen": wanted is not None,
        "files": sorted(rows, key=lambda row: str(row["path"])),
        "files_carried": len(along.files),
        "bytes_carried": sum(len(file.content) for file in along.files),
        "files_left_out": len(rows) - len(along.files),
    }


def _wanted(plan: Plan, tree: BaseTree) -> WithBase | None:
    """Return the plan's `with_base`, unless it refers to another list."""
    if plan.with_base is not None:
        try:
            tree.refuse_other(plan.with_base)
        except UsageError:
            return None
    return plan.with_base


def _rows(tree: BaseTree, along: Carried) -> list[Row]:
    rows: list[Row] = []
    for place, file in enumerate(tree.files):
        why = along.narrowed.get(place)
        state = "carried" if why is None else why if why in {"unticked", "asked"} else "left_out"
        rows.append(
            {
                "place": place,
                "path": file.path,
                "size_bytes": len(file.content),
                "state": state,
                "why": None if why is None else _NARROWED[why],
                "line": file.unknown_word_line,
                "group": file.group,
                "licence": file.licence,
                "samples": unknown_word_samples(file),
            }
        )
    return rows


def _excluded_row(file: ExcludedFile) -> Row:
    return {
        "place": None,
        "path": file.path,
        "size_bytes": file.size_bytes,
        "state": "left_out",
        "why": _WHY[file.why],
        "line": file.line,
        "group": "own",
        "licence": None,
        "samples": [],
    }
