"""What masking could not hide is left out of the episode, the smallest part of it first.

Masks find a value again by what it is; where something is still seen after several rounds,
sealing goes by where it was seen: a name is masked as a whole, a string is withheld, a step
becomes a gap, a file is not shown at all. Everything else is sealed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from signoff_collector.redaction.detectors.detectors import is_wordlike
from signoff_collector.redaction.interface import ToCheck
from signoff_collector.redaction.seen_places import HEADER

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode
    from signoff_collector.redaction.seen_places import Visible

WITHHELD: Final = "WITHHELD"
"""Stands for a string that no mask could be put into; no detector looks at it."""
LEFT_OUT: Final = "LEFT_OUT"
"""The kind of what is listed here."""


class LeavingOut:
    """Collects what is left out of one episode; everything is named as in the original."""

    def __init__(self, episode: Episode) -> None:
        self._episode = episode
        self._kinds = {step.seq: step.kind for step in episode.steps}
        self.names: set[str] = set()
        """Paths that are masked as a whole, wherever they stand alone."""
        self.strings: set[tuple[int, str]] = set()
        """Step, or `HEADER`, and JSON pointer of strings that are withheld."""
        self.steps: set[int] = set()
        """Steps that become gaps."""
        self.files: set[str] = set()
        """Paths of files that are not shown."""
        self._said: dict[str, None] = {}

    @property
    def to_check(self) -> tuple[ToCheck, ...]:
        """What was left out, by its name on this machine."""
        return tuple(ToCheck(kind=LEFT_OUT, place=one, reason="left out") for one in self._said)

    def add(
        self, found: Iterable[Visible], shown_paths: Mapping[str, str], origins: Sequence[int]
    ) -> bool:
        """Leave out where something was seen, or more around it where that was done already.

        Args:
            found: what verification saw in a result.
            shown_paths: what stands for each path in that result.
            origins: for each step of the result the number of the original one.

        Returns:
            Whether anything more is left out now.
        """
        before = self._count
        names = {shown: path for path, shown in shown_paths.items()}
        for one in found:
            seq = origins[one.step] if 0 <= one.step < len(origins) else one.step
            path = names.get(one.path)
            if seq >= 0 or seq == HEADER:
                self._add_in_step(one, seq, path)
            elif path is not None and one.is_name:
                self._add_name(path, one.value)
            elif path is not None:
                self._add_file(path)
        return self._count > before

    def _add_in_step(self, one: Visible, seq: int, path: str | None) -> None:
        if one.is_name and path is not None and path not in self.names:
            self._add_name(path, one.value)
        elif one.pointer and (seq, one.pointer) not in self.strings:
            self.strings.add((seq, one.pointer))
            self._say(f"{self._called(seq)}: {one.pointer}")
        elif seq >= 0 and seq not in self.steps:
            self.steps.add(seq)
            self._say(f"{self._called(seq)}, all of it")
        elif path is not None:
            self._add_file(path)

    def _add_name(self, path: str, value: str) -> None:
        self.names.add(path)
        parts = path.split("/")
        if value and not is_wordlike(value):  # the note is read on a screen
            parts = [part if value not in part and part not in value else "…" for part in parts]
        self._say(f"the name of {'/'.join(parts)}")

    def _add_file(self, path: str) -> None:
        self.files.add(path)
        self._say(f"the text of {path}")

    def _called(self, seq: int) -> str:
        return "the header" if seq == HEADER else f"{self._kinds.get(seq, 'edit')} step {seq}"

    def _say(self, what: str) -> None:
        self._said[what] = None

    @property
    def _count(self) -> int:
        return len(self.names) + len(self.strings) + len(self.steps) + len(self.files)
