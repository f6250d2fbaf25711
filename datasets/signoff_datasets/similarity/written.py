"""What was written in an episode: the lines that its hunk actions brought, by file.

Lines that a person, a completion or an assistant brought; not what git or a formatter put there.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING, Final

from signoff_collector.levels.writing.bursts import bursts
from signoff_schemas.words import ActorClass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_collector.episode.content import Episode
    from signoff_collector.episode.moments.moments import Moments
    from signoff_collector.levels.writing.bursts import Action

_NOT_WRITTEN: Final = frozenset({ActorClass.GIT, ActorClass.FORMATTER, ActorClass.PREEXISTING})


def written_texts(episode: Episode, moments: Moments) -> list[str]:
    """Return the text that was written in each file, in order of their names.

    First the lines that stand in the file at the end, in its order, whichever was written first;
    then those that did not stay. Each line stands there once. One that only stood around the place
    of a change, to name it, is not in it.

    Raises:
        DamagedError: a buffer was opened on bytes that are not text, or an edit does not fit.
    """
    brought: dict[str, dict[str, None]] = defaultdict(dict)
    for burst in bursts(episode, moments):
        if burst.action is not None and burst.actor not in _NOT_WRITTEN:
            brought[burst.path].update(dict.fromkeys(_new_lines(burst.action)))
    return [
        "\n".join(_in_order(lines, moments.file(path, episode.step_count)))
        for path, lines in sorted(brought.items())
    ]


def _in_order(lines: dict[str, None], at_the_end: str | bytes | None) -> Iterator[str]:
    kept: dict[str, None] = {}
    if isinstance(at_the_end, str):
        kept = {line: None for line in at_the_end.splitlines() if line in lines}
    yield from kept
    yield from (line for line in lines if line not in kept)


def _new_lines(action: Action) -> Iterator[str]:
    before = Counter(action.old.splitlines())
    for line in action.new.splitlines():
        if before[line]:
            before[line] -= 1
        else:
            yield line
