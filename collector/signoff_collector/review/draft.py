"""The plan of a review while it is being made: commands change it, `undo` takes them back."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from signoff_collector.redaction.texts import named_paths
from signoff_schemas.errors import UsageError
from signoff_schemas.plan import Plan, RangeCut, RangeKeep, RangesKeep, TaskKeep
from signoff_schemas.steps import FILE_STATE_KINDS, STEP_KINDS

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode
    from signoff_schemas.plan import Keep

_RANGE: Final = re.compile(r"(\d{1,9})-(\d{1,9})\Z", re.ASCII)
_NUMBER: Final = re.compile(r"\d{1,9}\Z", re.ASCII)
_RESOLUTIONS: Final = ("1s", "100ms", "exact")


class Draft:
    """A plan and the plans before it."""

    def __init__(self, base_sha256: str, episode: Episode) -> None:
        self.plan = Plan(base_sha256=base_sha256)
        self._episode = episode
        self._earlier: list[Plan] = []
        self._tasks = {step.task for step in episode.steps} | set(episode.edits.task.tolist())
        self._file_count = len(named_paths(episode))

    def set(self, **fields: object) -> None:
        """Replace fields of the plan."""
        changed = Plan.model_validate({**self.plan.model_dump(), **fields})
        self._earlier.append(self.plan)
        self.plan = changed

    def undo(self) -> bool:
        """Take back the last change; False when there is none."""
        if not self._earlier:
            return False
        self.plan = self._earlier.pop()
        return True

    def keep(self, words: Sequence[str]) -> str:
        """Keep tasks or a range; return what to say."""
        new: list[TaskKeep | RangeKeep] = []
        for word in words:
            if word == "all":
                new.append(RangeKeep(from_seq=0, to_seq=self._episode.step_count - 1))
            elif _RANGE.match(word):
                low, high = self._range(word)
                new.append(RangeKeep(from_seq=low, to_seq=high))
            else:
                new.append(TaskKeep(task=self._task(word)))
        if not new:
            raise UsageError("say which task or which steps", hint="keep 0   or   keep 12-340")
        kept = tuple(dict.fromkeys([*self.plan.keeps, *new]))
        self.set(keeps=[keep.model_dump() for keep in kept])
        return self.kept_text()

    def drop(self, words: Sequence[str]) -> str:
        """Keep something no more."""
        if not words or words == ["all"]:
            self.set(keeps=[])
            return self.kept_text()
        gone = [self._named(word) for word in words]
        self.set(keeps=[keep.model_dump() for keep in self.plan.keeps if keep not in gone])
        return self.kept_text()

    def cut(self, words: Sequence[str]) -> str:
        """Cut a range, a file or a kind out of what is kept."""
        match list(words):
            case ["file", word]:
                file = self.file(word)
                self.set(cut_files=sorted({*self.plan.cut_files, file}))
                return f"file {file} is cut; later test runs count as not runnable"
            case ["kind", kind]:
                if kind not in STEP_KINDS or kind in FILE_STATE_KINDS:
                    free = sorted(set(STEP_KINDS) - FILE_STATE_KINDS)
                    raise UsageError(
                        f"{kind} cannot be cut as a kind", hint=f"These can: {', '.join(free)}"
                    )
                self.set(cut_kinds=sorted({*self.plan.cut_kinds, kind}))
                return f"{kind} steps are cut"
            case [word] if _RANGE.match(word) or _NUMBER.match(word):
                low, high = self._range(word if "-" in word else f"{word}-{word}")
                cut = RangeCut(from_seq=low, to_seq=high)
                self.set(cut_ranges=[c.model_dump() for c in (*self.plan.cut_ranges, cut)])
                return f"steps {low} to {high} are cut; what they wrote and is still there stays"
            case _:
                raise UsageError("say what", hint="cut 12-40, cut file 2 or cut kind view")

    def times(self, words: Sequence[str]) -> str:
        """Choose how fine times are."""
        if len(words) != 1 or words[0] not in _RESOLUTIONS:
            raise UsageError("say how fine", hint="times 1s, times 100ms or times exact")
        self.set(time_resolution=words[0])
        if words[0] == "1s":
            return "times are rounded to one second"
        return f"times are {words[0]}: the rhythm of your keys can identify you"

    def kept_text(self) -> str:
        """Return one line on what is kept."""
        if not self.plan.keeps:
            return "nothing is kept"
        return "kept: " + ", ".join(keep_name(keep) for keep in self.plan.keeps)

    def file(self, word: str) -> int:
        """Return the number of a file that the episode has."""
        file = number(word, "a file")
        if file >= self._file_count:
            raise UsageError(f"there is no file {file}", hint="`files` lists them.")
        return file

    def _task(self, word: str) -> int:
        task = number(word, "a task")
        if task not in self._tasks:
            raise UsageError(f"there is no task {task}", hint="`tasks` lists them.")
        return task

    def _named(self, word: str) -> TaskKeep | RangeKeep:
        if _RANGE.match(word):
            low, high = self._range(word)
            return RangeKeep(from_seq=low, to_seq=high)
        return TaskKeep(task=number(word, "a task"))

    def _range(self, word: str) -> tuple[int, int]:
        match = _RANGE.match(word)
        low, high = (int(match[1]), int(match[2])) if match else (0, -1)
        if not 0 <= low <= high < self._episode.step_count:
            last = self._episode.step_count - 1
            raise UsageError(f"there are no steps {word}; they are 0 to {last}")
        return low, high


def keep_name(keep: Keep) -> str:
    """Return how a keep is called, by its numbers."""
    if isinstance(keep, TaskKeep):
        return f"task {keep.task}"
    spans = keep.ranges if isinstance(keep, RangesKeep) else (keep,)
    return "steps " + " ".join(f"{span.from_seq}-{span.to_seq}" for span in spans)


def number(word: str, what: str) -> int:
    """Return the number a person gave.

    Raises:
        UsageError: it is none.
    """
    if not _NUMBER.match(word):
        raise UsageError(f"{word!r} is no number of {what}")
    return int(word)
