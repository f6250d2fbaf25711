"""What a record of a frame says, as JSON: where it is from, what was done there, what else changed.

Fields of `KEY.json` (nothing else is written; what is not known is left out where so said):

* `key` of this frame, `next` of the following one (null on the last).
* `frame`: `seq` of the step after which it is drawn, `width`, `height`, `path` of the file in
  front (null for none), `assumed` (codes of docs/pictures.md).
* `task`: `text`, `origin`, `stated` of the last task that was stated until then; null for none.
* `action` (null on the last frame): `kind`, and what it needs:
  `type_text`, `paste_text`, `choose_completion`: `text`, `target`, `to` for a range typed over;
  `press_key`: `key`, `count`, and where it takes text away `target`, `to`;
  `select_range`: `target`, `to` (missing for a mere click);
  `open_file`: `target`; `run_command`: `text`, `target`;
  `scroll`: `lines` [first, last] in view then, from 0; `go_to`: `line`, `column`, from 1.
* a target: `on` (`text`, `tab`, `file`, `terminal`; `caret`: the cursor is there, nothing is
  clicked), `x`, `y` in pixels of the frame, `box` [x, y, width, height].
* `author` {`class`, `basis`, `evidence`}, `weight`, `zero_because`, `labels`: as other exports.
* `inferred` true: nobody recorded it, but the next action could not have been done without it.
* `happened`: the parts of the picture that changed otherwise until the next frame: `clock`,
  `files`, `tabs`, `front`, `text`, `caret`, `view`, `problems`, `terminal`, `tests`, `assumed`.
* `t_ms` since the start, unless the episode has no times.
* the provenance of `interface.Source.provenance`: `episode_sha256`, `seq` [first, last], and so on.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from signoff_collector.picture.layout import Size
from signoff_datasets.exports.calls import shown
from signoff_datasets.frames.pairs import frames_of
from signoff_schemas.steps import TaskStep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_collector.picture.layout import Box
    from signoff_datasets.exports.interface import Source
    from signoff_datasets.frames.doing import Doing
    from signoff_datasets.frames.pairs import Frame, Pair
    from signoff_datasets.frames.pointing import Point

EXPORT_VERSION: Final = 1
SIZE: Final = Size(width=1280, height=800)
"""Of every picture, in pixels."""
_MS_NS: Final = 10**6
Json = dict[str, object]


class Frames:
    """The frames of a source, one after the other, and what they leave out."""

    def __init__(self, source: Source) -> None:
        """Prepare them; `left_out` is whole after the last one.

        Raises:
            UsageError: there is no such task.
        """
        self.source = source
        self.span = source.span()
        self.left_out = Counter[str]()
        self._tasks = [one for one in source.episode.steps if isinstance(one, TaskStep)]
        self._has_times = source.episode.header.time_resolution != "none"

    def all(self) -> Iterator[Frame]:
        """Yield them.

        Raises:
            DamagedError: an edit does not fit its text.
        """
        yield from frames_of(self.source.episode, SIZE, self.span, self.left_out)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out, for a person."""
        told = ", ".join(f"{count} {reason}" for reason, count in sorted(self.left_out.items()))
        return (f"no action are {told} (docs/exports.md#frames)",) if told else ()

    def record(self, frame: Frame, number: int) -> Json:
        """Return what is said of one frame; `number` is its place, from 0."""
        pair, scene = frame.pair, frame.world.scene
        seq = (scene.seq, scene.seq) if pair is None else (pair.act.first, pair.act.last)
        said: Json = {
            "key": self.key(number),
            "next": None if pair is None else self.key(number + 1),
            "frame": {
                "seq": scene.seq,
                "width": SIZE.width,
                "height": SIZE.height,
                "path": None if scene.path is None else shown(scene.path),
                "assumed": list(frame.world.layout.assumed),
            },
            "task": self.task(scene.seq if pair is None else pair.act.first),
            "action": None if pair is None else action_of(pair.doing),
        }
        if pair is not None:
            said |= self.about(pair)
        return said | self.source.provenance(EXPORT_VERSION, *seq)

    def key(self, number: int) -> str:
        """Return the name of a frame: in no other episode has one the same."""
        return f"{self.source.sha256[:16]}-{number:06}"

    def task(self, seq: int) -> Json | None:
        """Return the task that was stated last until a step."""
        step = next((one for one in reversed(self._tasks) if one.seq <= seq), None)
        if step is None:
            return None
        return {"text": shown(step.text), "origin": step.origin, "stated": step.stated}

    def about(self, pair: Pair) -> Json:
        """Return whose an action is, what it weighs, and what else changed."""
        act, weighed = pair.act, pair.weighed
        author = {
            "class": act.author.cls,
            "basis": act.author.basis,
            "evidence": [shown(one) for one in act.author.evidence],
        }
        said: Json = {
            "author": author,
            "weight": weighed.weight,
            "zero_because": list(weighed.zero_because),
            "labels": list(weighed.labels),
            "inferred": act.is_inferred,
            "happened": list(dict.fromkeys(one.part for one in pair.happened)),
        }
        return said | ({"t_ms": act.t_ns // _MS_NS} if self._has_times else {})


def action_of(doing: Doing) -> Json:
    """Return an action as JSON."""
    found: Json = {"kind": doing.kind}
    match doing.kind:
        case "type_text" | "paste_text" | "choose_completion" | "run_command":
            found["text"] = doing.text
        case "press_key":
            found |= {"key": doing.key, "count": doing.count}
        case "scroll":
            found["lines"] = list(doing.lines or ())
        case "go_to":
            found |= {"line": doing.line, "column": doing.column}
        case "open_file" | "select_range":
            pass
    for name, point in zip(("target", "to"), doing.points, strict=False):
        found[name] = _target(point)
    return found


def _target(point: Point) -> Json:
    return {"on": point.kind, "x": point.x, "y": point.y, "box": _box(point.box)}


def _box(box: Box) -> list[int]:
    return [box.x, box.y, box.width, box.height]
