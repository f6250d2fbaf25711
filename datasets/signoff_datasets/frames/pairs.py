"""Frames with actions: each recorded act is put on the frame before it, and done there once.

What does not give what was recorded is no action: it is left out and counted. Between two frames
lies exactly one action; whatever else changed on the way is what happened.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from signoff_collector.levels.levels import levels_of
from signoff_datasets.actions.action import Action, Change
from signoff_datasets.actions.authors import UNKNOWN, Weighing
from signoff_datasets.actions.changes import is_text
from signoff_datasets.frames.acts import BACKSPACE, DELETE, NOT_IN_FRONT, SAVE, Act, acts_of
from signoff_datasets.frames.doing import Doing, do, doing_of
from signoff_datasets.frames.pointing import NOT_DRAWN, points_of
from signoff_datasets.frames.world import Moment, Workbench, happenings
from signoff_schemas.errors import DamagedError

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterator

    from signoff_collector.episode.content import Episode
    from signoff_collector.picture.layout import Size
    from signoff_collector.picture.scene import Scene
    from signoff_datasets.actions.action import ActionKind
    from signoff_datasets.frames.pointing import Point
    from signoff_datasets.frames.world import Happening, World

MOST: Final = 2_000
"""Actions of one export; what comes later is counted as left out."""
OTHER_OUTCOME: Final = "other_outcome"
"""Reason: done in the drawn world it does not give what was recorded."""
HALF: Final = "half_character"
"""Reason: a text with half a character, which UTF-8 cannot hold."""
LIMIT: Final = "limit"
"""Reason: the export has as many actions as it may."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What was done on a frame, and what else changed until the next one."""

    act: Act
    doing: Doing
    weighed: Action
    """With its weight, as the other exports weigh."""
    happened: tuple[Happening, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """One picture, and what was done there."""

    world: World
    pair: Pair | None
    """None: the last frame, on which nothing is done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stop:
    """An act on its frame, with what doing it gives."""

    world: World
    act: Act
    doing: Doing
    done: Scene


def frames_of(
    episode: Episode, size: Size, span: tuple[int, int], left_out: Counter[str]
) -> Iterator[Frame]:
    """Yield the frames of an episode in order, one more than there are actions.

    Args:
        episode: masked.
        size: of the pictures.
        span: first and last step.
        left_out: counts what is no action, by reason; it is whole after the last frame.

    Raises:
        DamagedError: an edit does not fit its text.
    """
    return _Frames(episode, size, span, left_out).all()


class _Frames:
    def __init__(
        self, episode: Episode, size: Size, span: tuple[int, int], left_out: Counter[str]
    ) -> None:
        levels = levels_of(episode)
        first, last = span
        self._acts = [
            one for one in acts_of(episode, levels, left_out) if first <= one.first <= last
        ]
        self._end = min(last, episode.step_count - 1)
        self._weighing = Weighing(episode, levels)
        self._bench = Workbench(episode, size)
        self._left_out = left_out

    def all(self) -> Iterator[Frame]:
        held: _Stop | None = None
        count = 0
        for place, act in enumerate(self._acts):
            if count >= MOST:
                self._left_out[LIMIT] += len(self._acts) - place
                self._end = act.first - 1
                break
            for stop in self._stops(act):
                if held is not None:
                    yield self._frame(held, stop.world.scene)
                held, count = stop, count + 1
        last = self._bench.at(Moment(seq=self._end))
        if held is not None:
            yield self._frame(held, last.scene)
        yield Frame(world=last, pair=None)

    def _frame(self, stop: _Stop, after: Scene) -> Frame:
        pair = Pair(
            act=stop.act,
            doing=stop.doing,
            weighed=self._weighing.weighed(_as_action(stop)),
            happened=happenings(stop.done, after),
        )
        return Frame(world=stop.world, pair=pair)

    def _stops(self, act: Act) -> list[_Stop]:
        """Return an act on its frame, and before it what brings its target onto the screen."""
        moment = Moment(seq=act.first - 1)
        world = self._bench.at(moment)
        if _is_so(act, world.scene):
            return []
        found: list[_Stop] = []
        points = points_of(act, world)
        if points == NOT_IN_FRONT and act.path is not None and act.key != SAVE:
            opening = _inferred(act, "open_file")
            points = points_of(opening, world)
            if not isinstance(points, str):
                found.append(_stop(world, opening, points))
                moment = replace(moment, front=act.path)
                world = self._bench.at(moment)
                points = points_of(act, world)
        if points == NOT_DRAWN:
            going = _inferred(act, "go_to")
            if act.kind == "select_range" and act.start == act.end:
                act, points = replace(act, kind="go_to"), ()
            else:
                found.append(_stop(world, going, ()))
                world = self._bench.at(replace(moment, caret=act.start))
                points = points_of(act, world)
        return self._checked(found, world, act, points)

    def _checked(
        self, found: list[_Stop], world: World, act: Act, points: tuple[Point, ...] | str
    ) -> list[_Stop]:
        """Return the stops, if doing the act gives what was recorded."""
        if not isinstance(points, str) and not is_text(act.text):
            points = HALF
        if isinstance(points, str):
            self._left_out[points] += 1
            return []
        try:
            stop = _stop(world, act, points)
        except DamagedError:
            self._left_out[OTHER_OUTCOME] += 1
            return []
        if _gives(stop, self._bench.scenes.at(act.last)):
            return [*found, stop]
        self._left_out[OTHER_OUTCOME] += 1
        return []


def _stop(world: World, act: Act, points: tuple[Point, ...]) -> _Stop:
    doing = doing_of(act, points, world.scene)
    return _Stop(world=world, act=act, doing=doing, done=do(world, doing))


def _inferred(act: Act, kind: Literal["open_file", "go_to"]) -> Act:
    """Return what has to have been done before an act, although nobody recorded it."""
    return Act(
        kind=kind,
        first=act.first,
        last=act.first,
        t_ns=act.t_ns,
        author=UNKNOWN,
        path=act.path,
        buffer=act.buffer,
        start=act.start,
        end=act.start,
        is_inferred=True,
    )


def _is_so(act: Act, scene: Scene) -> bool:
    """Say whether a look changes nothing: the frame shows it already."""
    if act.path != scene.path:
        return False
    match act.kind:
        case "open_file":
            return any(one.path == act.path for one in scene.open_files)
        case "select_range":
            chosen = scene.caret.selections
            return scene.caret.cursor == act.end and (
                len(chosen) == 1 and set(chosen[0]) == {act.start, act.end}
                if act.start != act.end
                else not chosen
            )
        case "scroll":
            told = [(one.first, one.last) for one in scene.visible]
            return bool(told) and (told[0][0], told[-1][1]) == act.lines
        case _:
            return False


def _gives(stop: _Stop, recorded: Scene) -> bool:
    """Say whether what was done is what was recorded, as far as it is the act's doing."""
    act, done = stop.act, stop.done
    if act.kind == "run_command":
        typed = act.text.split("\n")
        lines = [one.text for one in recorded.terminal if one.kind == "command"]
        return lines[-len(typed) :] == typed
    if done.path != recorded.path:
        return False
    if act.kind in {"select_range", "go_to"}:
        mine, other = done.caret, recorded.caret
        return (mine.cursor, mine.selections) == (other.cursor, other.selections)
    is_written = act.has_place and act.kind != "select_range"
    return not is_written or done.text == recorded.text


def _as_action(stop: _Stop) -> Action:
    """Return an act as the other exports have it, to be weighed by the same rule."""
    act = stop.act
    is_written = act.has_place and act.kind != "select_range"
    kind: ActionKind = "str_replace" if is_written else "open_file"
    if act.kind == "run_command":
        kind = "bash"
    change = Change(name="str_replace", path=act.path or "", old=_gone(stop), new=act.text)
    return Action(
        kind=kind,
        seq_first=act.first,
        seq_last=act.last,
        place=act.last,
        t_ns=act.t_ns,
        author=act.author,
        text=act.text,
        path=act.path,
        changes=(change,) if is_written else (),
    )


def _gone(stop: _Stop) -> str:
    """Return the text that an act takes away."""
    act, text = stop.act, stop.world.scene.text or ""
    low, high = min(act.start, act.end), max(act.start, act.end)
    if low == high and act.key == BACKSPACE:
        low = max(0, low - act.count)
    elif low == high and act.key == DELETE:
        high += act.count
    return text[low:high]
