"""Withhold whole files and steps from an episode, with a gap step in their place.

Withheld are files of a public base that contain a secret, and steps that cannot be masked.

A mask in public text reveals what is under it, since anybody can look it up. So such a file is
not shown at all, and the secret must be replaced at its source. Values that may be words are left
unmasked and listed for a person to check (threat 4).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from signoff_collector.redaction.detectors.detectors import is_wordlike
from signoff_collector.redaction.interface import ToCheck
from signoff_collector.redaction.texts.public_base import BaseText, lines_of
from signoff_collector.redaction.writing.rewriting import Entry, Fate
from signoff_schemas.steps import AnyStep, GapStep, RenameStep, StepBase
from signoff_schemas.words import GapReason

if TYPE_CHECKING:
    from signoff_collector.episode.content import Edit, Episode
    from signoff_collector.redaction.values.secrets_table import SecretsTable

SOURCE: Final = "redaction"
"""`source` of the gap steps that replace what is withheld."""
ROTATE_IT: Final = "stands in public code: rotate it"
MAY_BE_A_WORD: Final = "may be a word: left as it is in public code"
_LONG_PIECE: Final = 12
"""A match of this many characters of a value is no coincidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Published:
    """The secrets that a public base contains."""

    paths: frozenset[str] = frozenset()
    """Files to withhold."""
    groups: frozenset[int] = frozenset()
    """Groups of the secrets in those files."""
    to_check: tuple[ToCheck, ...] = ()


def find_published(base: BaseText, table: SecretsTable) -> Published:
    """Search a public base for known values; costs one scan of all its lines."""
    if not base.is_public:
        return Published()
    paths: set[str] = set()
    groups: set[int] = set()
    to_check: list[ToCheck] = []
    for path, text in sorted(base.texts.items()):
        for number, line in enumerate(lines_of(text), 1):
            for span in table.find_raw(line):
                value = line[span.start : span.end]
                place = f"{path} line {number} of the public base"
                is_whole = len(value) >= _LONG_PIECE or table.knows(value)
                if is_whole and not is_wordlike(value):
                    paths.add(path)
                    groups.add(span.group)
                    to_check.append(ToCheck(kind="SECRET", place=place, reason=ROTATE_IT))
                else:
                    to_check.append(ToCheck(kind="VALUE", place=place, reason=MAY_BE_A_WORD))
    return Published(
        paths=frozenset(paths),
        groups=frozenset(groups),
        to_check=tuple(dict.fromkeys(to_check)),
    )


class Withheld:
    """Decides which steps of an episode are withheld."""

    def __init__(
        self,
        episode: Episode,
        paths: frozenset[str],
        resists: Callable[[AnyStep], bool] = lambda _: False,
        seqs: AbstractSet[int] = frozenset(),
    ) -> None:
        """Collect the withheld steps.

        Args:
            episode: the original.
            paths: files that are withheld.
            resists: whether a step contains a value that cannot be masked, so becomes a gap.
            seqs: steps and edits that become gaps; texts that they changed enter as `resync`.
        """
        self._episode = episode
        self._paths = set(paths)
        self._left_out = seqs
        self._seqs = {step.seq for step in episode.steps if resists(step)}
        for step in episode.steps:  # a renamed file has the same content under its new name
            if isinstance(step, RenameStep) and {step.path, step.old_path} & self._paths:
                self._paths |= {name for name in (step.path, step.old_path) if name is not None}

    def fate_of(self, step: AnyStep | Edit) -> Fate:
        """Return whether a step is kept, becomes a gap or is dropped."""
        if self._path_of(step) in self._paths or step.seq in self._seqs:
            return Fate.DROPPED
        return Fate.LEFT_OUT if step.seq in self._left_out else Fate.KEPT

    def has_text(self, path: str) -> bool:
        """Return whether the result may contain the text at a path."""
        return path not in self._paths

    def with_gaps(self, entries: list[Entry]) -> list[Entry]:
        """Add a gap for each withheld step, and at the first step of each withheld file."""
        gaps = list(self._gaps()) if self._paths or self._seqs or self._left_out else []
        return sorted([*entries, *gaps], key=lambda entry: entry.step.seq) if gaps else entries

    def _gaps(self) -> Iterator[Entry]:
        seen: set[str] = set()
        for step in self._episode.ordered():
            path = self._path_of(step)
            is_first = path is not None and path in self._paths and path not in seen
            if is_first or step.seq in self._seqs or step.seq in self._left_out:
                seen.add(path or "")
                gap = GapStep(
                    seq=step.seq,
                    t_ns=step.t_ns,
                    source=SOURCE,
                    task=step.task if isinstance(step, StepBase) else None,
                    reason=GapReason.REDACTED,
                )
                yield Entry(step=gap)

    def _path_of(self, step: AnyStep | Edit) -> str | None:
        return step.path if isinstance(step, StepBase) else self._episode.files[step.file]
