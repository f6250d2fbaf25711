"""A trace as parts of a conversation: cut where an attempt ended, each able to stand alone.

A long trace is cut behind a run that told something, never between a call and its result. What
follows begins with the task's words and the files that were open, as they are by then.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_datasets.actions.changes import as_text, carry_out
from signoff_datasets.exports.calls import call_of, happened, is_call, result_of, shown

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from signoff_datasets.actions.action import Action, FileState, Trace

SYSTEM: Final = "You act as a developer in an editor."
NO_TASK: Final = "No task was stated."
_OPEN_FILES: Final = 2
_OPEN_CHARACTERS: Final = 1 << 13


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A stretch of a conversation."""

    opening: str
    """What the developer knew when it begins: the task, and where the work stood."""
    actions: tuple[Action, ...]
    first: int
    last: int
    """`seq` of its first and last step."""


def parts(found: Trace, most_characters: int) -> Iterator[Part]:
    """Yield the parts of a trace, none much longer than a number of characters.

    A single action may be longer. A trace without actions has no part.
    """
    files = dict(found.start)
    task = NO_TASK
    actions = list(without_echoes(found.actions))
    opening: str | None = None
    for chosen in _cut(actions, most_characters):
        rest = list(chosen)
        while rest and rest[0].kind == "task":
            task = shown(rest.pop(0).text)
        said = task if opening is None else f"{task}\n\n{opening}"
        yield Part(
            opening=said,
            actions=tuple(rest),
            first=min(one.seq_first for one in chosen),
            last=max(one.seq_last for one in chosen),
        )
        for action in chosen:
            task = shown(action.text) if action.kind == "task" else task
            for change in action.changes:
                carry_out(files, change)
        opening = _standing(chosen, files)


def without_echoes(actions: Sequence[Action]) -> Iterator[Action]:
    """Yield all but the prompt in which an agent was told the task that has just been said."""
    task: str | None = None
    for action in actions:
        if action.kind == "task":
            task = action.text
        elif action.agent is not None and action.agent.event == "prompt" and action.text == task:
            task = None
            continue
        yield action


def _cut(actions: Sequence[Action], most: int) -> Iterator[Sequence[Action]]:
    begin = size = 0
    border: int | None = None
    for place, action in enumerate(actions):
        size += _length(action)
        if size > most and place > begin:
            end = place if border is None else border
            yield actions[begin:end]
            begin, border = end, None
            size = sum(map(_length, actions[begin : place + 1]))
        if action.kind == "bash" and action.observation.tests and size > most // 2:
            border = place + 1
    if begin < len(actions):
        yield actions[begin:]


def _length(action: Action) -> int:
    if not is_call(action):
        return len(happened(action))
    _, arguments = call_of(action)
    return sum(map(len, arguments.values())) + len(result_of(action))


def _standing(actions: Sequence[Action], files: dict[str, FileState]) -> str:
    """Return which files were worked at last, and their text as it is now."""
    paths = dict.fromkeys(
        change.path if change.name != "rename" else change.new
        for action in reversed(actions)
        if is_call(action)
        for change in action.changes
    )
    looked = (one.path or "" for one in reversed(actions) if one.kind == "open_file")
    paths |= dict.fromkeys(looked)
    said = ["[earlier steps are left out; these files were open]"]
    for path in [one for one in paths if one in files][:_OPEN_FILES]:
        text = as_text(files[path].content)
        if text is not None:
            said.append(f"{shown(path)}:\n{text[:_OPEN_CHARACTERS]}")
    return "\n\n".join(said)
