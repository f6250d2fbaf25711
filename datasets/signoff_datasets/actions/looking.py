"""What was looked at: files opened and scrolled through, searches, findings that came and went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_datasets.actions.action import Action, Observation
from signoff_datasets.actions.authors import UNKNOWN, author_of
from signoff_schemas.steps import OpenStep, SearchStep, ViewStep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_collector.episode.content import Episode
    from signoff_collector.episode.moments.moments import Moments
    from signoff_collector.levels.levels import Levels
    from signoff_schemas.steps import AnyStep

MOST_LINES: Final = 200
"""Lines that are shown of a file where nobody recorded what was visible."""
MOST_CHARACTERS: Final = 1 << 14
_Lines = tuple[int, int]


class Looking:
    """Tells what steps show; asked in their order."""

    def __init__(self, episode: Episode, moments: Moments, levels: Levels) -> None:
        self._moments = moments
        self._views = _first_views(episode)
        self._shown: dict[str, _Lines] = {}
        self._path: str | None = None
        self._findings: dict[int, list[str]] = {}
        for span in levels.diagnostics:
            place = f"{span.path}:{span.line + 1}" if span.line is not None else span.path
            said = f"{place}: {span.code} {span.message}".replace(":  ", ": ")
            self._findings.setdefault(span.born, []).append(f"appeared: {said}")
            if span.gone is not None:
                self._findings.setdefault(span.gone, []).append(f"gone: {said}")

    def of(self, step: OpenStep | ViewStep | SearchStep) -> Iterator[Action]:
        """Yield the action of one step, where it shows something new."""
        match step:
            case SearchStep():
                hits = "" if step.hits is None else f"{step.hits} hits"
                found = " ".join(filter(None, (hits, step.chosen and f"chosen: {step.chosen}")))
                yield Action(
                    kind="search", seq_first=step.seq, seq_last=step.seq, place=step.seq,
                    t_ns=step.t_ns, author=author_of(step.actor), text=step.query,
                    scope=step.scope, path=step.path, observation=Observation(text=found),
                )  # fmt: skip
            case OpenStep():
                if step.reason == "open" and step.path is not None:
                    yield from self._look(step, step.path, self._views.get(step.seq))
            case ViewStep():
                lines = _lines(step)
                if step.path is not None and lines is not None:
                    before = self._shown.get(step.path) if step.path == self._path else None
                    if before is None or lines[0] > before[1] or lines[1] < before[0]:
                        yield from self._look(step, step.path, lines)

    def findings(self, step: AnyStep) -> Iterator[Action]:
        """Yield what a language server found at a step, or no longer."""
        said = self._findings.get(step.seq)
        if said:
            yield Action(
                kind="observe", seq_first=step.seq, seq_last=step.seq, place=step.seq,
                t_ns=step.t_ns, author=UNKNOWN, text="diagnostics", path=step.path,
                observation=Observation(text="\n".join(said)),
            )  # fmt: skip

    def _look(self, step: OpenStep | ViewStep, path: str, lines: _Lines | None) -> Iterator[Action]:
        """Yield a look at a file that is on disk."""
        if path == self._path and self._shown.get(path) == lines and lines is not None:
            return
        if self._moments.disk(path, step.seq) is None:
            return
        text = self._moments.file(path, step.seq)
        if not isinstance(text, str):
            return
        first, last = lines or (0, MOST_LINES - 1)
        self._shown[path], self._path = (first, last), path
        rows = text.split("\n")
        shown = "\n".join(rows[first : last + 1])
        if last + 1 < len(rows) and shown:
            shown += "\n"
        yield Action(
            kind="open_file", seq_first=step.seq, seq_last=step.seq, place=step.seq,
            t_ns=step.t_ns, author=author_of(step.actor), path=path,
            observation=Observation(text=shown[:MOST_CHARACTERS], first_line=first),
        )  # fmt: skip


def _first_views(episode: Episode) -> dict[int, _Lines]:
    """Map the steps that opened a file to what was visible of it first."""
    found: dict[int, _Lines] = {}
    waiting: dict[str, int] = {}
    for step in episode.steps:
        if isinstance(step, OpenStep) and step.path is not None:
            waiting[step.path] = step.seq
        elif isinstance(step, ViewStep) and step.path in waiting:
            lines = _lines(step)
            if lines is not None:
                found[waiting.pop(step.path)] = lines
    return found


def _lines(step: ViewStep) -> _Lines | None:
    if not step.visible:
        return None
    return step.visible[0].first, step.visible[-1].last
