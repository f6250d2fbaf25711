"""What the person had read of other files before a change, by the names of Zed's `RelatedFile`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_collector.levels.viewed import viewed
from signoff_schemas.steps import RenameStep, ViewStep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from signoff_collector.episode.content import Episode
    from signoff_collector.episode.moments.moments import Moments
    from signoff_collector.levels.viewed import Viewed

MOST_CHARACTERS: Final = 16 * 1024
"""Of all files together, line breaks counted; what was seen last comes first."""


class RelatedFiles:
    """The files that were read; asked in rising order of steps, and knows of no later one."""

    def __init__(
        self, episode: Episode, moments: Moments, is_fit: Callable[[str], bool], *, is_open: bool
    ) -> None:
        """Begin before the first step.

        Args:
            episode: whose views are told.
            moments: of it.
            is_fit: whether a path or a text can stand in a record.
            is_open: whether the code is open source, as each file says.

        Raises:
            DamagedError: an edit does not fit its text.
        """
        self._read = {one.path: one for one in viewed(episode, moments) if is_fit(one.path)}
        self._steps = [one for one in episode.steps if isinstance(one, (ViewStep, RenameStep))]
        self._next = 0
        self._last_seen: dict[str, None] = {}
        """Paths, that which was in view last at the end."""
        self._former: dict[str, frozenset[str]] = {}
        """The names that a file had before."""
        self._is_fit = is_fit
        self._is_open = is_open

    def before(self, path: str, seq: int) -> list[dict[str, object]]:
        """Return what was in view before a step, without the file at `path` under any name."""
        while self._next < len(self._steps) and self._steps[self._next].seq < seq:
            self._take(self._steps[self._next])
            self._next += 1
        own = {path} | self._former.get(path, frozenset())
        left = MOST_CHARACTERS
        found: list[dict[str, object]] = []
        for name in reversed(self._last_seen):
            if name in own:
                continue
            one = self._read[name]
            taken = dict(self._fitting(one, seq, left))
            left -= sum(len(text) + 1 for text in taken.values())
            if taken:
                found.append(
                    {
                        "path": name,
                        "max_row": one.lines - 1,
                        "excerpts": _excerpts(taken),
                        "in_open_source_repo": self._is_open,
                    }
                )
        return found

    def _take(self, step: ViewStep | RenameStep) -> None:
        if step.path is None:
            return
        if isinstance(step, RenameStep):
            former = self._former.pop(step.old_path, frozenset[str]())
            self._former[step.path] = former | {step.old_path}
        elif step.path in self._read and step.visible:
            self._last_seen.pop(step.path, None)
            self._last_seen[step.path] = None

    def _fitting(self, one: Viewed, seq: int, left: int) -> Iterator[tuple[int, str]]:
        """Yield the first row and the text of parts seen before a step, the last seen first."""
        for part in reversed(one.parts):
            if part.seq >= seq or not self._is_fit(part.text):
                continue
            text = part.text
            if len(text) >= left:
                end = text.rfind("\n", 0, max(left, 0))
                if end >= 0:
                    yield part.line, text[:end]
                return
            left -= len(text) + 1
            yield part.line, text


def _excerpts(taken: dict[int, str]) -> list[dict[str, object]]:
    """Return texts by rows, those that touch as one; `order` 0 was seen last."""
    orders = {row: order for order, row in enumerate(taken)}
    joined: list[tuple[int, int, str]] = []
    for row in sorted(taken):
        text, order = taken[row], orders[row]
        if joined and joined[-1][0] + joined[-1][2].count("\n") + 1 == row:
            first, before, above = joined.pop()
            row, order, text = first, min(before, order), f"{above}\n{text}"  # noqa: PLW2901
        joined.append((row, order, text))
    return [
        {
            "row_range": {"start": row, "end": row + text.count("\n") + 1},
            "text": text,
            "order": order,
        }
        for row, order, text in joined
    ]
