"""Withhold the places in which verification still finds a value after masking.

Masking searches for values. If a value is still visible after several rounds, the place that
holds it is withheld instead, the smallest unit first: a path is masked as a whole, a string
is withheld, a step becomes a gap, a file is not shown at all. Everything else is sealed.
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
"""Replaces a string that could not be masked; detectors ignore it."""
LEFT_OUT: Final = "LEFT_OUT"
"""The `ToCheck.kind` of withheld places."""


class LeavingOut:
    """Collects what is withheld from one episode, by the paths and `seq` of the original."""

    def __init__(self, episode: Episode) -> None:
        self._episode = episode
        self._kinds = {step.seq: step.kind for step in episode.steps}
        self.names: set[str] = set()
        """Paths that are masked as a whole wherever a string is exactly that path."""
        self.strings: set[tuple[int, str]] = set()
        """`seq` of the step (or `HEADER`) and JSON pointer of each withheld string."""
        self.steps: set[int] = set()
        """Steps that become gaps."""
        self.files: set[str] = set()
        """Paths of files that are not shown."""
        self._said: dict[str, None] = {}

    @property
    def to_check(self) -> tuple[ToCheck, ...]:
        """What was withheld, by its real name: shown on this machine only."""
        return tuple(ToCheck(kind=LEFT_OUT, place=one, reason="left out") for one in self._said)

    def add(
        self, found: Iterable[Visible], shown_paths: Mapping[str, str], origins: Sequence[int]
    ) -> bool:
        """Withhold each place, or the next larger unit where that place is withheld already.

        Args:
            found: findings of verification in a result.
            shown_paths: original path to its masked path in that result.
            origins: for each step of the result the `seq` of the original step.

        Returns:
            Whether anything was added.
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
        # The note is shown on a screen, so must not contain the value unless it may be a word.
        if value and not is_wordlike(value):
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
