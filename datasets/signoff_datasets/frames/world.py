"""The drawn world: the workbench as values, as it stood after a step, and what may change in it.

It is the scene of the pictures, and behind it what a workbench knows of files that are not in
front. What happens without the person (a program's edit, a command's output, findings, time)
changes it by `Happening`s, one for each part of the picture.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Literal

from signoff_collector.picture.looking import Caret
from signoff_collector.picture.scene import Scenes
from signoff_collector.picture.workbench import lay_out, signs_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from signoff_collector.episode.content import Episode
    from signoff_collector.picture.layout import Layout, Size
    from signoff_collector.picture.scene import Scene

Part = Literal[
    "clock", "files", "tabs", "front", "text", "caret", "view", "problems", "terminal", "tests",
    "assumed",
]  # fmt: skip
_FIELDS: Final[Mapping[Part, tuple[str, ...]]] = {
    "clock": ("seq", "t_ns"),
    "files": ("files",),
    "tabs": ("open_files",),
    "front": ("path",),
    "text": ("text", "why_not"),
    "view": ("visible",),
    "problems": ("problems", "errors", "warnings"),
    "terminal": ("terminal",),
    "tests": ("tests",),
    "assumed": ("assumed",),
}
"""Which fields of a scene each part is; the cursor has `caret`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Which frame is meant: after a step, and what is drawn otherwise than was recorded."""

    seq: int
    front: str | None = None
    """A file brought to the front; None for the one worked on."""
    caret: int | None = None
    """Where the cursor was put; None for where it was."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """One part of the picture that became otherwise without an action."""

    part: Part
    values: Mapping[str, object]
    """Field of the scene to what it became."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A frame that can be acted on."""

    moment: Moment
    scene: Scene
    layout: Layout
    bench: Workbench

    def brought(self, path: str) -> Scene:
        """Return the scene with a file in front, as the workbench holds it."""
        return replace(self.bench.scenes.at(self.moment.seq, front=path), seq=self.scene.seq)


class Workbench:
    """Makes the worlds of one episode, in one size."""

    def __init__(self, episode: Episode, size: Size) -> None:
        """Build the index.

        Raises:
            DamagedError: its edits belong to no open buffer, or a blob is missing.
        """
        self.scenes = Scenes(episode)
        self.size = size
        self._signs = signs_of(episode.header.masks)

    def at(self, moment: Moment) -> World:
        """Return the world of a frame.

        Raises:
            DamagedError: an edit does not fit its text.
        """
        scene = self.scenes.at(moment.seq, front=moment.front)
        if moment.caret is not None:
            scene = moved(scene, moment.caret)
        return self.as_drawn(moment, scene)

    def as_drawn(self, moment: Moment, scene: Scene) -> World:
        """Return the world of a scene."""
        return World(moment=moment, scene=scene, layout=self.drawn(scene), bench=self)

    def drawn(self, scene: Scene) -> Layout:
        """Return where everything of a scene stands."""
        return lay_out(scene, self.size, self._signs)


def moved(scene: Scene, caret: int) -> Scene:
    """Return a scene with the cursor at a place where nobody recorded it."""
    told = [one for one in scene.assumed if one not in {"cursor", "no_cursor"}]
    return replace(scene, caret=Caret(cursor=caret), assumed=(*told, "moved"))


def happenings(done: Scene, after: Scene) -> tuple[Happening, ...]:
    """Return what else made a scene of another, by parts of the picture."""
    found: list[Happening] = []
    for part, names in _FIELDS.items():
        if any(getattr(done, name) != getattr(after, name) for name in names):
            values = {name: getattr(after, name) for name in names}
            found.append(Happening(part=part, values=values))
    if _places(done) != _places(after):
        found.append(Happening(part="caret", values={"caret": after.caret}))
    elif done.caret != after.caret:  # the same place, but told by another source
        found.append(Happening(part="assumed", values={"caret": after.caret}))
    return tuple(found)


def _places(scene: Scene) -> tuple[object, ...]:
    return scene.caret.cursor, scene.caret.selections


def happen(scene: Scene, happened: Iterable[Happening]) -> Scene:
    """Return a scene after what happened in it."""
    for one in happened:
        scene = replace(scene, **one.values)  # type: ignore[arg-type]  # its own fields
    return scene
