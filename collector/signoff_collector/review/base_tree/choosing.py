"""Choose which files of the base tree one keep of a plan includes; a pure function.

The tree lists the files that may be shared at all. The plan narrows this: files that the person
deselected, files that are cut, and every file with a value that the plan masks. Files that were
already deleted when the kept steps began are left out too.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from signoff_collector.episode.moments.moments import Moments
from signoff_collector.redaction.detectors.engine import Literals
from signoff_collector.redaction.interface import Identities
from signoff_collector.redaction.values.identities import IdentityPatterns
from signoff_collector.redaction.values.secrets_table import SecretsTable
from signoff_collector.redaction.values.value_forms import GRAM, forms_of
from signoff_collector.review.checking.unopened import is_base
from signoff_collector.review.plan.masked_values import LONGEST, masked_values
from signoff_schemas.errors import UsageError
from signoff_schemas.steps import OpenStep, RenameStep, seen_on_disk

if TYPE_CHECKING:
    from collections.abc import Collection, Container, Iterable, Iterator, Mapping

    from signoff_collector.review.applying.base_walk import BaseWalk
    from signoff_collector.review.applying.selection import Selection
    from signoff_collector.review.base_tree.tree import BaseFile, BaseTree
    from signoff_schemas.plan import Plan, WithBase

Narrowed = Literal["unticked", "asked", "cut", "masked", "gone", "otherwise"]
"""Why a file that may be shared is left out of one keep.

The person deselected it, it has an unknown random-looking word, the plan cuts or masks it, or the
work tree did not have it (or had another text) as far as the session saw.
"""
_SHORTEST: Final = 4
"""Shorter values are not searched: they occur by chance."""
_UNICODE_FORMS: Final[tuple[Literal["NFC", "NFD", "NFKC", "NFKD"], ...]] = (
    "NFC", "NFD", "NFKC", "NFKD",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Carried:
    """Files that one keep includes."""

    files: tuple[BaseFile, ...]
    narrowed: Mapping[int, Narrowed]
    """Index in the tree's list to the reason why that file is left out."""
    withheld: int
    """Number of files of the commit that are left out, or that differed without being named."""
    as_opened: frozenset[str]
    """Paths included with exactly the text that the session opened: all of it counts as seen."""


def carried(plan: Plan, base: BaseWalk, selection: Selection, tree: BaseTree | None) -> Carried:
    """Return which files of the base tree one keep includes; none if the plan says so.

    Raises:
        UsageError: the tree that the plan takes along is not given, or another one is.
    """
    wanted = plan.with_base
    if wanted is None:
        return Carried(files=(), narrowed={}, withheld=0, as_opened=frozenset())
    if tree is None:
        raise UsageError("the plan includes the base tree, but none was given")
    tree.refuse_other(wanted)
    return chosen_of(wanted, plan, base, selection, tree)


def chosen_of(
    wanted: WithBase, plan: Plan, base: BaseWalk, selection: Selection, tree: BaseTree
) -> Carried:
    """Return which files would be included if the plan's `with_base` were `wanted`."""
    opened, told = _opened(base)
    named: dict[Narrowed, Container[str]] = {
        "cut": _every_name(selection.cut_paths, base),
        "masked": _every_name({base.paths[mask.file] for mask in plan.mask_texts}, base)
        | _holding(plan, base, tree),
        "gone": Moments(base.episode).gone(selection.first - 1),
        "otherwise": {
            file.path
            for file in tree.files
            if file.path in told & selection.entering and opened[file.path] != file.content
        },
    }
    narrowed: dict[int, Narrowed] = {}
    for place, file in enumerate(tree.files):
        why: Narrowed | None = next((w for w, paths in named.items() if file.path in paths), None)
        if why is None and place in wanted.leave_out:
            why = "unticked"
        elif why is None and file.unknown_word_line is not None and place not in wanted.take_in:
            why = "asked"
        if why is not None:
            narrowed[place] = why
    files = tuple(file for place, file in enumerate(tree.files) if place not in narrowed)
    left_out = sum(why != "gone" for why in narrowed.values())
    return Carried(
        files=files,
        narrowed=narrowed,
        withheld=len(tree.staying) + left_out + _unseen(base, selection, files),
        as_opened=frozenset(file.path for file in files if opened.get(file.path) == file.content),
    )


def _opened(base: BaseWalk) -> tuple[dict[str, bytes], frozenset[str]]:
    """Return the first opened text per file, and the paths where nothing had named it before."""
    known: set[str] = set()
    found: dict[str, bytes] = {}
    told: set[str] = set()
    for step in base.episode.steps:
        if isinstance(step, OpenStep) and step.path is not None and step.blob is not None:
            found.setdefault(step.path, base.episode.blobs[step.blob])
            if step.path not in known and step.reason == "open":
                told.add(step.path)
        known.update(item.path for item in seen_on_disk(step))
        if step.path is not None:
            known.add(step.path)
    return found, frozenset(told)


def _unseen(base: BaseWalk, selection: Selection, files: Iterable[BaseFile]) -> int:
    """Return how many files differed from the commit without any kept step saying so."""
    if any(is_base(step) and selection.in_range[step.seq] for step in base.episode.steps):
        return 0
    return sum(file.path in selection.unopened for file in files)


def _every_name(paths: Collection[str], base: BaseWalk) -> set[str]:
    """Return the paths with every other name that their files had in the session."""
    found = set(paths)
    renames = [step for step in base.episode.steps if isinstance(step, RenameStep)]
    before = -1
    while before < len(found):
        before = len(found)
        for step in renames:
            names = {step.old_path, step.path or step.old_path}
            if not names.isdisjoint(found):
                found |= names
    return found


def _holding(plan: Plan, base: BaseWalk, tree: BaseTree) -> set[str]:
    """Return the files that contain a value which the plan masks, in any encoding.

    For random values 6 consecutive characters suffice, as in masking. File names are searched too.
    """
    whole = (one.text.strip() for one in base.marked(plan.mask_texts) if len(one.text) > LONGEST)
    values = masked_values(plan, base)
    looked_for = {
        form for value in (*values, *whole) if len(value) >= _SHORTEST for form in _spellings(value)
    }
    looked_for.update(_pieces(values))
    if not looked_for:
        return set()
    sought = Literals(sorted(looked_for))
    return {
        file.path
        for file in tree.files
        if sought.stand_in(file.content) or sought.stand_in(file.path.encode("utf-8"))
    }


def _spellings(value: str) -> Iterator[str]:
    """Yield a value in all Unicode normal forms and encodings that are searched."""
    for form in (value, *(unicodedata.normalize(name, value) for name in _UNICODE_FORMS)):
        yield form
        yield from forms_of(form)


def _pieces(values: Iterable[str]) -> Iterator[str]:
    """Yield the substrings that identify the random part of some values."""
    table = SecretsTable(IdentityPatterns(Identities()))
    for value in values:
        table.learn("MASK", value)
    yield from (piece for piece in table.grams() if len(piece) >= GRAM)
