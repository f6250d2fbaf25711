"""What each arm is trained on: examples without end, drawn from the training parts by a seed.

Arms of real edits with one seed take them in one order, so they differ in nothing but what their
name says. Where an arm has no history, the text before the place is longer by as much as a real
history would be, so the share of what is given and what is to be written is that of all arms.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import count
from random import Random
from typing import TYPE_CHECKING, Final, TypeAlias

from experiments.worth.examples import AROUND, LONGEST, SHORTEST, Edit
from experiments.worth.learning.prompts import END_MARK, Example
from experiments.worth.learning.splits import HISTORY, Part, Split, is_target
from experiments.worth.learning.states import FileRows, change, states

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from experiments.worth.learning.prompts import Marks

ARMS: Final = ("code", "commit", "synthetic", "none", "shuffled", "true")
CONTROLS: Final = ("true labels", "shuffled labels")
"""Two arms with the targets exchanged among the edits of a session."""
TOGETHER: Final = 20
"""Bursts in a row that `commit` takes for one change."""
TRIES: Final = 1000

Drawn: TypeAlias = tuple[Part, int]


def examples(arm: str, parts: Sequence[Part], seed: int) -> Iterator[Example]:
    """Return examples of an arm without end, each pass over the training parts in a new order.

    Raises:
        ValueError: no arm has this name, or there is no edit to train on.
    """
    if not any(part.targets for part in parts):
        raise ValueError("the training parts hold no edit")
    if arm == "commit":
        return _commits(parts, seed)
    if arm == "synthetic":
        return _rebuilt(parts, seed)
    if arm == "code":
        return _places(parts, seed)
    if arm == "none":
        return (Example(one.edit, (), one.history) for one in _real(parts, seed, "true"))
    if arm in {"true", "shuffled", *CONTROLS}:
        return _real(parts, seed, arm)
    raise ValueError(f"no arm is called {arm}")


def judged(parts: Sequence[Part]) -> list[Example]:
    """Return the edits that every arm is asked about, with their place and true history."""
    return [
        Example(part.session.edits[at], part.history(at)) for part in parts for at in part.targets
    ]


def own_form(arm: str, split: Split) -> list[Example]:
    """Return the same edits, asked in the form that an arm was trained on.

    A history of `shuffled` comes from the training part: one of the judged part could hold the
    very edit that is asked for.
    """
    asked = judged(split.judge)
    if arm in {"code", "none"}:
        return [Example(one.edit, (), one.history) for one in asked]
    if arm == "commit":
        by_place = [sorted(one.history, key=lambda edit: (edit.path, edit.line)) for one in asked]
        return [Example(one.edit, tuple(way)) for one, way in zip(asked, by_place, strict=True)]
    if arm.startswith("shuffled"):
        random = _random("asked")
        every = [(part, at) for part in split.train for at in part.targets]
        names = [part.session.name for part in split.judge for _ in part.targets]
        drawn = [
            random.choice([one for one in every if one[0].session.name == name] or every)
            for name in names
        ]
        histories = [part.history(at) for part, at in drawn]
        return [Example(one.edit, way) for one, way in zip(asked, histories, strict=True)]
    return asked


def text_of(drawn: Iterator[Example], marks: Marks, characters: int) -> str:
    """Return exactly so many characters of examples, the last one cut.

    Without the mark before a target: to a model of five characters it would tell nothing, and
    cost it one of what stands before.
    """
    texts: list[str] = []
    missing = characters
    while missing > 0:
        one = next(drawn)
        texts.append((one.prompt(marks) + one.edit.inserted + END_MARK)[:missing])
        missing -= len(texts[-1])
    return "".join(texts)


def _random(*names: object) -> Random:
    return Random("/".join(map(str, names)))  # noqa: S311  # draws, no secrets


def _passes(parts: Sequence[Part], seed: int) -> Iterator[tuple[int, list[Drawn]]]:
    """Return every edit of the training parts once a pass, in an order drawn anew."""
    every = [(part, at) for part in parts for at in part.targets]
    for number in count():
        order = every.copy()
        _random(seed, number, "order").shuffle(order)
        yield number, order


def _real(parts: Sequence[Part], seed: int, arm: str) -> Iterator[Example]:
    for number, order in _passes(parts, seed):
        histories = _exchanges(parts, _random(seed, number, "histories"), HISTORY)
        targets = _exchanges(parts, _random(seed, number, "targets"), 0)
        for part, at in order:
            where = (part.session.name, at)
            history = part.history(histories[where] if arm.startswith("shuffled") else at)
            example = Example(part.session.edits[at], history)
            if arm in CONTROLS:
                example = example.with_target(part.session.edits[targets[where]].inserted)
            yield example


def _exchanges(parts: Sequence[Part], random: Random, reach: int) -> dict[tuple[str, int], int]:
    """Give each edit another one of its session, each of them once."""
    return {
        (part.session.name, at): other
        for part in parts
        for at, other in zip(part.targets, _exchanged(part.targets, random, reach), strict=True)
    }


def _exchanged(items: list[int], random: Random, reach: int) -> list[int]:
    """Return a permutation that gives nothing itself, nor one of the `reach` behind it.

    Those would have it in their history. Of very few items that may be impossible; then some do.
    """
    given = items.copy()
    random.shuffle(given)
    for place, at in enumerate(items):
        for _ in range(TRIES):
            if not at <= given[place] <= at + reach:
                break
            other = random.randrange(len(items))
            if not items[other] <= given[place] <= items[other] + reach:
                given[place], given[other] = given[other], given[place]
    return given


def _places(parts: Sequence[Part], seed: int) -> Iterator[Example]:
    """Return places in states of the files, with a gap as long as a drawn edit."""
    kept = {part.session.name: states(part.edits) for part in parts}
    for number, order in _passes(parts, seed):
        random = _random(seed, number, "places")
        for part, at in order:
            edit = part.session.edits[at]
            state = random.choice(kept[part.session.name])
            begin = random.randrange(max(1, len(state) - len(edit.inserted)))
            end = min(begin + len(edit.inserted), len(state))
            place = Edit(
                path=edit.path,
                before=state[max(0, begin - AROUND) : begin],
                removed="",
                inserted=state[begin:end],
                behind=state[end : end + AROUND],
                line=state.count("\n", 0, begin),
                lines=state.count("\n") + 1,
                pause_ms=None,
                author="unknown",
            )
            yield Example(place, (), part.history(at))


def _commits(parts: Sequence[Part], seed: int) -> Iterator[Example]:
    """Return the hunks of 20 bursts in a row, with those above them in the same change.

    A hunk bears the marks of a burst of its change, so histories of all arms are marked alike.
    """
    for number in count():
        random = _random(seed, number, "changes")
        changes: list[list[Edit]] = []
        for part in parts:
            files: dict[str, FileRows] = {}
            begin = random.randrange(TOGETHER) if number else 0
            change(files, part.edits[:begin])
            for at in range(begin, len(part.edits), TOGETHER):
                bursts = part.edits[at : at + TOGETHER]
                hunks = change(files, bursts)
                changes.append([_marked(hunk, random.choice(bursts)) for hunk in hunks])
        random.shuffle(changes)
        found = [one for hunks in changes for one in _walk(hunks)]
        if not found:
            raise ValueError("the training parts hold no change with an edit")
        yield from found


def _rebuilt(parts: Sequence[Part], seed: int) -> Iterator[Example]:
    """Return states put back together in an order that nobody wrote them in.

    The sessions take turns as their edits do in the arms of real edits.
    """
    kept = {part.session.name: states(part.edits) for part in parts}
    walks: dict[str, Iterator[Example]] = {}
    for number, order in _passes(parts, seed):
        random = _random(seed, number, "lines")
        for part, _ in order:
            name = part.session.name
            example = next(walks.get(name, iter(())), None)
            if example is None:
                state = random.choice(kept[name])
                walks[name] = _walk(_put_back(state, part, random))
                example = next(walks[name], None)
            if example is not None:
                yield example


def _walk(edits: list[Edit]) -> Iterator[Example]:
    """Return those of a row of edits that are targets, each with the ones before it."""
    for at, edit in enumerate(edits):
        if len(edit.inserted) >= SHORTEST:
            cut = edit if is_target(edit) else replace(edit, inserted=edit.inserted[:LONGEST])
            yield Example(cut, tuple(edits[max(0, at - HISTORY) : at]))


def _put_back(state: str, part: Part, random: Random) -> list[Edit]:
    """Take lines out, as many as a drawn edit has, until none is left; return the way back."""
    lines = [line + "\n" for line in state.split("\n")]
    taken: list[Edit] = []
    while lines:
        drawn = part.session.edits[random.choice(part.targets)]
        begin = random.randrange(len(lines))
        end = min(begin + drawn.inserted.count("\n") + 1, len(lines))
        put = Edit(
            path=drawn.path,
            before="".join(lines[max(0, begin - 100) : begin])[-AROUND:],
            removed="",
            inserted="".join(lines[begin:end]),
            behind="".join(lines[end : end + 100])[:AROUND],
            line=begin,
            lines=len(lines) - (end - begin),
            pause_ms=None,
            author="unknown",
        )
        taken.append(_marked(put, drawn))
        del lines[begin:end]
    return taken[::-1]


def _marked(edit: Edit, like: Edit) -> Edit:
    return replace(edit, pause_ms=like.pause_ms, author=like.author, views=like.views)
