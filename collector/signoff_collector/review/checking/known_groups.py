"""Further groups to check: entering text, names, long outputs, masks, undecided findings."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Final

import numpy as np

from signoff_collector.redaction.randomness.novel import unknown_characters
from signoff_collector.redaction.strings.step_strings import strings_of
from signoff_collector.redaction.texts.texts import TextStates, named_paths
from signoff_collector.redaction.writing.explaining import way_of
from signoff_collector.review.applying.base_walk import PLACEHOLDER
from signoff_collector.review.checking.group_values import (
    Action,
    Draft,
    Item,
    Sample,
    content_name,
    counted,
)
from signoff_collector.seal.pseudonyms import COMMON_BRANCHES
from signoff_schemas.plan import FieldMask
from signoff_schemas.shown_words import mask_words
from signoff_schemas.steps import AnyStep, CommandStep, GitStep, RenameStep, seen_on_disk

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Mapping, Sequence

    from signoff_collector.episode.content import Episode
    from signoff_collector.review.applying.apply import Applied, Entered
    from signoff_collector.review.applying.base_walk import BaseWalk
    from signoff_collector.review.checking.occurrences import Occurrences

_LONG_LINE: Final = 200
"""A longer line of output is data, not a message for people."""
_MOST_LINES: Final = 20_000
_KINDS: Final = 8
"""At most so many kinds of masks are listed apart."""
_AROUND: Final = 60
_STRANGE: Final = ("name of a file with a word in no list", "names of files with words in no list")
_USUAL: Final = ("name of a file", "names of files")
_PSEUDONYM: Final = re.compile(r"branch-[0-9a-f]{12}\Z")
_PART: Final = re.compile(r"[\w-]{3,}")
Said = list[tuple[AnyStep, str, str]]
"""Strings of steps: step, JSON pointer, text."""


def said_in(steps: Iterable[AnyStep]) -> Said:
    """Return the strings of steps."""
    return [(step, pointer, text) for step in steps for pointer, text in strings_of(step)]


def entered_drafts(
    base: BaseWalk, entered: Sequence[Entered], worked_on: Container[str]
) -> Iterator[Draft]:
    """Yield groups of text from omitted steps: of files that the task works on, and of others."""
    mine = [one for one in entered if one.path in worked_on and one.text]
    others = [one for one in entered if one.path not in worked_on and one.text]
    if mine:
        said = ("file of this task, as it was", "files of this task, as they were before")
        yield _entered(base, mine, said, "accept")
    if others:
        said = ("file that this task does not touch", "files that this task does not touch")
        yield _entered(base, others, said, "cut_file")


def _entered(
    base: BaseWalk, texts: Sequence[Entered], said: tuple[str, str], suggested: Action
) -> Draft:
    by_file: dict[int, list[Entered]] = {}
    for one in sorted(texts, key=lambda one: (one.path, one.seq)):
        by_file.setdefault(one.key.file, []).append(one)
    items = [
        Item(
            what=content_name([f"{one.path} {one.key.buffer} {one.text}" for one in found]),
            title=found[0].path,
            sample=Sample(
                seq=found[-1].seq,
                path=found[0].path,
                context=found[-1].text[: 2 * _AROUND],
                start=0,
                length=0,
            ),
            places=len(found),
            texts=base.whole_masks([(one.seq, one.key) for one in found]),
            files=(file,),
        )
        for file, found in by_file.items()
    ]
    return Draft(
        kind="entered",
        name=said[0],
        title=counted(len(items), *said),
        items=tuple(items),
        default="decide",
        suggested=suggested,
    )


def name_drafts(
    base: BaseWalk, shared: Episode, steps: Iterable[AnyStep], words: Container[str]
) -> Iterator[Draft]:
    """Yield groups of file names, and of branch names that are not common ones.

    Args:
        base: of the first sealed episode, whose steps a plan names.
        shared: whose files are named.
        steps: of the base episode that are kept.
        words: that are known.
    """
    places = _name_places(shared)
    paths = list(places)
    numbers = {path: file for file, path in enumerate(base.paths)}
    strange = [path for path in paths if _is_strange(path, words)]
    usual = [path for path in paths if path not in set(strange)]
    if strange:
        yield _named(_STRANGE, strange, places, numbers)
    if usual:
        yield _named(_USUAL, usual, places, {})
    by_name: dict[str, list[FieldMask]] = {}
    for step in steps:
        if isinstance(step, GitStep) and step.branch and _is_named(step.branch):
            mask = FieldMask(seq=step.seq, field="/branch", start=0, length=len(step.branch))
            by_name.setdefault(step.branch, []).append(mask)
    if by_name:
        yield Draft(
            kind="name",
            name="branches",
            title=counted(len(by_name), "name of a branch", "names of branches"),
            items=tuple(_branch(name, by_name[name]) for name in sorted(by_name)),
            default="decide",
            suggested="mask",
        )


def _branch(name: str, fields: list[FieldMask]) -> Item:
    sample = Sample(seq=fields[-1].seq, path="/branch", context=name, start=0, length=len(name))
    return Item(what=name, title=name, sample=sample, places=len(fields), fields=tuple(fields))


def _name_places(shared: Episode) -> Counter[str]:
    """Return every file with the number of steps that name it; its edits together are one."""
    edited = (shared.files[file] for file in np.unique(shared.edits.file).tolist())
    found = Counter(dict.fromkeys(named_paths(shared), 0))
    found.update(edited)
    for step in shared.steps:
        named = {step.path, *(item.path for item in seen_on_disk(step))}
        if isinstance(step, RenameStep):
            named.add(step.old_path)
        found.update(path for path in named if path is not None)
    return found


def _named(
    said: tuple[str, str],
    paths: Sequence[str],
    places: Mapping[str, int],
    numbers: Mapping[str, int],
) -> Draft:
    """Return a group of file names.

    Args:
        said: words for one and for several.
        paths: the names.
        places: how many steps name each.
        numbers: by name the file that a decision is about; empty: there is nothing to decide.
    """
    return Draft(
        kind="name",
        name=said[0],
        title=counted(len(paths), *said),
        items=tuple(
            Item(
                what=path,
                title=path,
                sample=Sample(seq=None, path=path, context=path, start=0, length=len(path)),
                places=places[path],
                files=(numbers[path],) if path in numbers else (),
            )
            for path in paths
        ),
        default="decide" if numbers else "tell",
        suggested="accept" if numbers else None,
    )


def _is_named(branch: str) -> bool:
    return branch not in COMMON_BRANCHES and not _PSEUDONYM.match(branch)


def _is_strange(path: str, words: Container[str]) -> bool:
    return any(unknown_characters(part, words) for part in _PART.findall(path))


def output_drafts(said: Said) -> Iterator[Draft]:
    """Yield groups of long output lines, masked unless accepted."""
    found: list[tuple[FieldMask, Sample]] = []
    for step, pointer, text in said:
        if not isinstance(step, CommandStep) or not pointer.startswith("/output/"):
            continue
        start = 0
        for line in text.split("\n"):
            if len(line) >= _LONG_LINE and len(found) < _MOST_LINES:
                context = line[: 2 * _AROUND]
                sample = Sample(
                    seq=step.seq, path=pointer, context=context, start=0, length=len(context)
                )
                mask = FieldMask(seq=step.seq, field=pointer, start=start, length=len(line))
                found.append((mask, sample))
            start += len(line) + 1
    if found:
        yield Draft(
            kind="output",
            name="lines",
            title=counted(len(found), "long line of an output", "long lines of outputs"),
            items=tuple(
                Item(
                    what=f"{mask.seq} {mask.field} {mask.start} {mask.length}",
                    title=sample.context,
                    sample=sample,
                    fields=(mask,),
                )
                for mask, sample in found
            ),
            default="mask",
            suggested="mask",
        )


def redaction_drafts(applied: Applied, said: Said, counted_in: Occurrences) -> Iterator[Draft]:
    """Yield what sealing masked, by kind and detection method, with surrounding text."""
    header = applied.episode.header
    by_way: dict[tuple[str, str], list[str]] = {}
    for label, original in applied.placeholders.items():
        match = PLACEHOLDER.fullmatch(original)
        kind = match[1] if match else ""
        way = header.masks.get(label) or way_of(kind)
        by_way.setdefault((kind, way), []).append(label)
    if not by_way:
        return
    ordered = sorted(by_way.items(), key=lambda item: (-len(item[1]), item[0]))
    around = _Surroundings(applied, said)
    places = counted_in.of_masks()
    for (kind, way), labels in ordered[:_KINDS]:
        title = f"{len(labels)} masked: {mask_words(kind, way)}"
        yield _redaction(f"{kind} {way}", title, labels, around, places)
    rest = [label for _, labels in ordered[_KINDS:] for label in labels]
    if rest:
        yield _redaction("others", f"{len(rest)} of other kinds", rest, around, places)


def _redaction(
    name: str,
    title: str,
    labels: Sequence[str],
    around: _Surroundings,
    places: Mapping[str, int],
) -> Draft:
    return Draft(
        kind="redaction",
        name=name,
        title=title,
        items=tuple(
            Item(
                what=around.original(label),
                title=label,
                sample=around.of(label),
                places=places.get(label, 0),
                placeholders=(around.original(label),),
            )
            for label in labels
        ),
        default="tell",
    )


class _Surroundings:
    """Finds placeholders: in the texts at the end, else in strings of the kept steps."""

    def __init__(self, applied: Applied, said: Said) -> None:
        self._originals = applied.placeholders
        states = TextStates(applied.episode)
        for _ in states.walk():
            pass
        self._texts = [(states.paths[key.file], text.chars) for key, text in states.texts.items()]
        self._said = [
            (step.seq, pointer, text) for step, pointer, text in said if "REDACTED" in text
        ]

    def original(self, label: str) -> str:
        """Return the name of a placeholder in the base episode."""
        return self._originals[label]

    def of(self, label: str) -> Sample | None:
        """Return one sample of a placeholder."""
        original = self.original(label)
        for path, chars in self._texts:
            at = _place(chars, label)
            if at >= 0:
                return _sample(None, path, chars, at, label)
        for seq, pointer, text in self._said:
            at = _place(text, original)
            if at >= 0:
                return _sample(seq, pointer, text, at, original)
        return None


def _place(text: str, label: str) -> int:
    at = text.find(label)
    while at >= 0 and text[at + len(label) : at + len(label) + 1].isdecimal():
        at = text.find(label, at + 1)
    return at


def _sample(seq: int | None, path: str, text: str, at: int, label: str) -> Sample:
    low = max(0, at - _AROUND, text.rfind("\n", 0, at) + 1)
    context = text[low : at + len(label) + _AROUND].partition("\n")[0]
    return Sample(seq=seq, path=path, context=context, start=at - low, length=len(label))


def residue_drafts(residue: Sequence[tuple[str, str]]) -> Iterator[Draft]:
    """Yield groups of findings that sealing could not decide and left unchanged."""
    if residue:
        yield Draft(
            kind="residue",
            name="residue",
            title=counted(
                len(residue),
                "place that sealing left open",
                "places that sealing left open",
            ),
            items=tuple(
                Item(
                    what=f"{place} {why}",
                    title=f"{place}: {why}",
                    sample=Sample(seq=None, path=place, context=why, start=0, length=0),
                )
                for place, why in residue
            ),
            default="decide",
        )
