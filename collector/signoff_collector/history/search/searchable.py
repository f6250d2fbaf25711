"""An episode as searchable text: every state of its files, and the text of its steps.

Works on an opened file and reads it part by part: a search that needs one file decodes no test
results.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final, cast

from signoff_collector.episode.content import Episode
from signoff_collector.episode.moments.moments import Moments
from signoff_collector.history.search.kinds import KINDS_WITH_TEXT
from signoff_collector.history.search.step_text import StepText
from signoff_collector.history.whole_parts import WholeParts
from signoff_schemas.errors import DamagedError
from signoff_schemas.steps import parse_step
from signoff_schemas.untyped import is_fields, is_items

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from signoff_collector.episode.file.reader import EpisodeFile
    from signoff_schemas.steps import AnyStep

_FILE_KINDS: Final = frozenset(
    {
        "open", "close", "save", "create", "rename", "delete", "resync", "files", "git",
        "command", "tests", "checkpoint",
    }
)  # fmt: skip
_WORDLESS: Final = frozenset(
    {
        "kind", "source", "t_kind", "actor", "path", "cwd", "sha256", "outcome", "disk", "changed",
        "evidence", "run_id", "run_ids", "env", "state_before", "state_after", "agent_session",
        "tree",
    }
)  # fmt: skip
_BAD: Final = frozenset({"failed", "error"})
_MAX_DEPTH: Final = 8


class Searchable:
    """One episode, opened from a file or in memory."""

    def __init__(self, file: EpisodeFile | WholeParts) -> None:
        self._file = file

    @property
    def files(self) -> tuple[str, ...]:
        """The paths of its files."""
        return self._file.files

    def steps(self) -> Iterator[tuple[int, int, dict[str, object]]]:
        """Yield `seq`, `t_ns` and raw fields of every step with text of its own.

        Raises:
            DamagedError: a frame is damaged.
        """
        for seq, t_ns, fields in self._file.step_maps(KINDS_WITH_TEXT):
            if fields is not None:
                yield seq, t_ns, fields

    def step_texts(self, kinds: frozenset[str] | None = None) -> Iterator[StepText]:
        """Yield the texts of steps of some kinds, in order.

        Raises:
            DamagedError: a frame is damaged.
        """
        wanted = frozenset(KINDS_WITH_TEXT) if kinds is None else kinds
        for seq, t_ns, fields in self._file.step_maps(wanted):
            if fields is not None:
                kind, path = str(fields["kind"]), fields.get("path")
                texts = tuple(_texts(_told(fields)))
                yield StepText(seq, t_ns, kind, path if isinstance(path, str) else None, texts)

    @cached_property
    def moments(self) -> Moments:
        """The states of the files over time.

        Raises:
            DamagedError: a part that they need is damaged.
        """
        return Moments(
            Episode(
                header=self._file.header,
                files=self._file.files,
                steps=tuple(self._file_steps()),
                edits=self._file.edits,
                blobs=self._file.blobs,
            )
        )

    @property
    def episode(self) -> Episode:
        """The episode behind `moments`, with only those steps that concern files."""
        return self.moments.episode

    def _file_steps(self) -> Iterator[AnyStep]:
        if isinstance(self._file, WholeParts):
            yield from self._file.steps_of(_FILE_KINDS)
            return
        for seq, t_ns, fields in self._file.step_maps(_FILE_KINDS):
            if fields is not None:
                slim = {name: value for name, value in fields.items() if name not in _HEAVY}
                try:
                    yield parse_step({**slim, "seq": seq, "t_ns": t_ns})
                except DamagedError as error:
                    raise DamagedError(f"step {seq}: {error}") from error

    @cached_property
    def times(self) -> dict[int, int]:
        """Time of each step except edits, in ns since the start, by `seq`."""
        return dict(self._file.step_times)

    @cached_property
    def end(self) -> tuple[int, int]:
        """Last step of the session and its time."""
        edits = self._file.edits
        seq, t_ns = max(self.times.items(), default=(-1, 0))
        if len(edits) and int(edits.seq[-1]) > seq:
            return int(edits.seq[-1]), int(edits.t_ns[-1])
        return seq, t_ns


_HEAVY: Final = frozenset({"cases", "output"})


def _told(fields: Mapping[str, object]) -> Mapping[str, object]:
    """Drop passed tests from a step: nobody searches for their names."""
    cases = fields.get("cases")
    if not is_items(cases):
        return fields
    listed = [case for case in cases if isinstance(case, dict)]
    return {**fields, "cases": [case for case in listed if case.get("outcome") in _BAD]}


def _texts(value: object, depth: int = 0) -> Iterator[str]:
    """Yield the strings of a step that a person wrote or a program printed."""
    if isinstance(value, str):
        yield value
    elif depth < _MAX_DEPTH and is_fields(value):
        for name, item in value.items():
            if name not in _WORDLESS:
                yield from _texts(item, depth + 1)
    elif depth < _MAX_DEPTH and is_items(value):
        items = value
        if items and all(isinstance(item, str) for item in items):
            yield " ".join(cast("list[str]", items))
        else:
            for item in items:
                yield from _texts(item, depth + 1)
