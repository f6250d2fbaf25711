"""Every action of an exported record done again, in a real folder, beside what was recorded.

The record is all that says what to do: calls of a trajectory, lines of bash, calls of a chat. After
each, the files that changed are compared with the recorded ones; at the end all files are. That the
recorded ones are those of the episode at each of its checkpoints is asked of the episode
(`signoff_datasets.actions.reaching`). Commands are not run: what they did is in the record.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.support.tools import (
    Arguments,
    do_call,
    lay,
    named,
    plain,
    read_back,
    run_bash,
    state_of,
    trajectory_calls,
)

from signoff_collector.episode.content import Episode
from signoff_datasets.actions.action import Action, Change, Trace
from signoff_datasets.actions.changes import carry_out
from signoff_datasets.actions.reaching import Reached, reach
from signoff_datasets.actions.trace import trace

FORMS: Final = ("atif", "chat", "transcript")
_LOOKS: Final = frozenset({"open_file", "search", "bash"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Redone:
    """What doing an exported record again came to."""

    form: str
    recorded: int
    """Actions of the episode that change files."""
    exported: int
    """Of these, such as the record says; a chat has only those that lead to what is learnt."""
    reached: int
    """Of these, such as gave the recorded files."""
    compared: int
    """Moments of the episode at which all known files were compared."""
    trees: int
    """Of these, such as have a recorded tree hash."""
    differences: tuple[str, ...]

    @property
    def is_whole(self) -> bool:
        """Whether each exported action reached what was recorded."""
        return self.exported == self.reached and not self.differences


def redone(form: str, content: bytes, episode: Episode, folder: Path) -> Redone:
    """Do what an export of an episode says in an empty folder, and compare."""
    found = trace(episode)
    reached = reach(episode, found)
    doing = _Doing(folder, found, reached)
    if form == "atif":
        changes = [(one,) for action in found.actions for one in action.changes]
        calls = list(trajectory_calls(json.loads(content)))
        doing.all(changes, [lambda call=call: do_call(folder, *call) for call in calls])
        exported = len(calls)
    elif form == "transcript":
        lines = list(_bash_of(content))
        changes = [action.changes for action in found.actions if action.changes]
        doing.all(changes, [lambda line=line: run_bash(folder, [line]) for line in lines])
        exported = len(lines)
    else:
        exported = doing.chat(list(_calls_of(content)))
    doing.compare_end()
    return Redone(
        form=form,
        recorded=sum(bool(one.changes) for one in found.actions),
        exported=exported,
        reached=doing.reached,
        compared=reached.compared,
        trees=reached.trees,
        differences=tuple(doing.differences),
    )


class _Doing:
    """A folder, and beside it the recorded files."""

    def __init__(self, folder: Path, found: Trace, reached: Reached) -> None:
        self._folder = folder
        self._actions = found.actions
        self._files = dict(found.start)
        self._end = reached.files
        self.reached = 0
        self.differences = [f"seq {one.seq}: {one.path!r}" for one in reached.differences]
        if reached.done != reached.actions:
            self.differences.append(f"{reached.actions - reached.done} actions do not fit")
        lay(folder, self._files)

    def all(
        self, recorded: Sequence[Sequence[Change]], exported: Sequence[Callable[[], object]]
    ) -> None:
        """Do all that is exported, one for each of what is recorded."""
        if len(recorded) != len(exported):
            self.differences.append(f"{len(recorded)} are recorded, {len(exported)} exported")
        for changes, do in zip(recorded, exported, strict=False):
            self._one(changes, do)

    def chat(self, calls: Sequence[tuple[int, str, Arguments]]) -> int:
        """Do the calls of a chat, each in the files that were there before it."""
        waiting = [one for one in self._actions if one.changes]
        for seq, name, arguments in calls:
            place = next((at for at, one in enumerate(waiting) if _is_of(one, seq, name)), None)
            if place is None:
                self.differences.append(f"seq {seq}: {name} is not recorded")
                continue
            self._skip(waiting[:place])
            self._one(
                waiting[place].changes,
                lambda name=name, arguments=arguments: do_call(self._folder, name, arguments),
            )
            waiting = waiting[place + 1 :]
        self._skip(waiting)
        return len(calls)

    def _skip(self, actions: Sequence[Action]) -> None:
        """Put into the folder what a record only tells in words."""
        changes = [change for action in actions for change in action.changes]
        for change in changes:
            carry_out(self._files, change)
        for path in {path for change in changes for path in _paths(change)}:
            place = self._folder / named(path)
            place.unlink(missing_ok=True)
            if path in self._files:
                lay(self._folder, {path: self._files[path]})

    def _one(self, changes: Sequence[Change], do: Callable[[], object]) -> None:
        for change in changes:
            carry_out(self._files, change)
        try:
            do()
        except (AssertionError, OSError, ValueError) as error:
            self.differences.append(f"{changes[0].name} {changes[0].path!r}: {error}")
            return
        for path in {path for change in changes for path in _paths(change)}:
            wanted = plain({path: self._files[path]} if path in self._files else {})
            if state_of(self._folder / named(path)) != wanted.get(named(path)):
                self.differences.append(f"{changes[0].name} gives another {path!r}")
                return
        self.reached += 1

    def compare_end(self) -> None:
        """Compare all files at the end."""
        wanted, got = plain(self._end), read_back(self._folder)
        for path in sorted({*wanted, *got}):
            if wanted.get(path) != got.get(path):
                self.differences.append(f"at the end {path!r} differs")


def _is_of(action: Action, seq: int, name: str) -> bool:
    return action.seq_first == seq and action.changes[0].name == name and action.kind != "bash"


def _paths(change: Change) -> tuple[str, ...]:
    return (change.path, change.new) if change.name == "rename" else (change.path,)


def _rows(content: bytes) -> Iterator[Mapping[str, object]]:
    return (json.loads(line) for line in content.splitlines())


def _bash_of(content: bytes) -> Iterator[str]:
    """Yield the lines of a transcript that change files."""
    for record in _rows(content):
        for step in record["steps"]:  # type: ignore[attr-defined]
            if step["kind"] in {"edit", "changed"} and step["bash"]:
                yield step["bash"]


def _calls_of(content: bytes) -> Iterator[tuple[int, str, Arguments]]:
    """Yield each call of a chat that changes files once: first step, name, arguments."""
    known = set[str]()
    for record in _rows(content):
        for message in (*record["prompt"], *record["completion"]):  # type: ignore[misc]
            for call in message.get("tool_calls", ()):
                function, told = call["function"], call["id"]
                if told not in known and function["name"] not in _LOOKS:
                    known.add(told)
                    seq = int(told[1:].partition("-")[0])
                    yield seq, function["name"], function["arguments"]
