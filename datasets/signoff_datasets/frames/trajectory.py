"""ATIF with pictures: the frames of an episode as a trajectory (tag ATIF-v1.7) in a folder.

`trajectory.json` beside `images/NNNNNN.png`, one for each frame, and `export.json`:

* root: `schema_version`, `session_id`, `trajectory_id` "<16 digits of the episode's sha256>/frames"
  (of a task ".../frames-task-N"), `agent` {`name` "human-developer", of an imported episode its
  format; `version`; `tool_definitions` of `tools`}, `steps`, `final_metrics.total_steps`, `extra`:
  the provenance of `interface.Source.provenance`.
* first step: `source` "system", `message` a text part and the first frame as an image part.
* the words of a task: `source` "user", `extra` {`seq`, `origin`, `stated`}.
* an action: `source` "agent", `message` "", `llm_call_count` 0, one `tool_calls` entry (its kind as
  `function_name`, the rest of `records`' `action` as `arguments`; `extra`: `seq`, and the fields
  `author` to `happened` of a record), and in `observation` the next frame as an image part.
* an image part: `type` "image", `source` {`media_type` "image/png", `path` relative to the file}.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Final

from signoff_collector.episode.imported import imported_of
from signoff_datasets.exports.atif import AGENT_NAME, SCHEMA_VERSION
from signoff_datasets.exports.calls import shown
from signoff_datasets.exports.interface import File, Format, export_file
from signoff_datasets.frames.painting import Painting
from signoff_datasets.frames.records import EXPORT_VERSION, Frames, action_of
from signoff_datasets.frames.tools import TOOL_DEFINITIONS
from signoff_schemas.steps import TaskStep

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_datasets.exports.interface import Source
    from signoff_datasets.frames.pairs import Pair

Json = dict[str, object]


def _write(source: Source) -> Iterator[File]:
    frames, painting = Frames(source), Painting(source.sha256)
    told = _Told(frames)
    for number, frame in enumerate(frames.all()):
        yield File(name=_image(number), content=painting.png(frame.world), records=0)
        told.add(frame.pair, number)
    provenance = source.provenance(EXPORT_VERSION, *frames.span)
    text = json.dumps(told.whole(provenance), ensure_ascii=True, indent=1)
    yield File(
        name="trajectory.json",
        content=text.encode("ascii") + b"\n",
        records=told.actions,
        notes=frames.notes,
    )
    yield export_file(provenance)


def _image(number: int) -> str:
    return f"images/{number:06}.png"


def _part(number: int) -> Json:
    return {"type": "image", "source": {"media_type": "image/png", "path": _image(number)}}


class _Told:
    """The steps of a trajectory, as its frames come."""

    def __init__(self, frames: Frames) -> None:
        self._frames = frames
        self._episode = frames.source.episode
        self.actions = 0
        first = {"type": "text", "text": "The workbench when the work began."}
        self._steps: list[Json] = [{"source": "system", "message": [first, _part(0)]}]
        low, high = frames.span
        self._tasks = [
            one
            for one in self._episode.steps
            if isinstance(one, TaskStep) and low <= one.seq <= high
        ]

    def add(self, pair: Pair | None, number: int) -> None:
        """Take what was done on a frame, and the tasks that were stated before it."""
        until = self._frames.span[1] if pair is None else pair.act.first
        while self._tasks and self._tasks[0].seq <= until:
            self._steps.append(_task(self._tasks.pop(0)))
        if pair is not None:
            self.actions += 1
            self._steps.append(self._action(pair, number))

    def _action(self, pair: Pair, number: int) -> Json:
        arguments = action_of(pair.doing)
        name, call_id = arguments.pop("kind"), f"f{number}"
        about = self._frames.about(pair)
        extra: Json = {"t_ms": about.pop("t_ms")} if "t_ms" in about else {}
        call: Json = {
            "tool_call_id": call_id,
            "function_name": name,
            "arguments": arguments,
            "extra": {"seq": [pair.act.first, pair.act.last], **about},
        }
        seen: Json = {"source_call_id": call_id, "content": [_part(number + 1)]}
        return {
            "source": "agent",
            "message": "",
            "llm_call_count": 0,
            "extra": extra,
            "tool_calls": [call],
            "observation": {"results": [seen]},
        }

    def whole(self, provenance: Json) -> Json:
        """Return the trajectory."""
        source = self._frames.source
        name = "frames" if source.task is None else f"frames-task-{source.task}"
        header = self._episode.header
        imported = imported_of(header)
        version = header.versions.get("signoff", "unknown")
        steps = [{"step_id": place, **one} for place, one in enumerate(self._steps, start=1)]
        return {
            "schema_version": SCHEMA_VERSION,
            "session_id": header.session,
            "trajectory_id": f"{source.sha256[:16]}/{name}",
            "agent": {
                "name": AGENT_NAME if imported is None else imported.format,
                "version": f"signoff-{version}" if imported is None else "unknown",
                "tool_definitions": TOOL_DEFINITIONS,
            },
            "steps": steps,
            "final_metrics": {"total_steps": len(steps)},
            "extra": provenance,
        }


def _task(step: TaskStep) -> Json:
    extra: Json = {"seq": [step.seq, step.seq], "origin": step.origin, "stated": step.stated}
    return {"source": "user", "message": shown(step.text), "extra": extra}


FORMAT: Final = Format(
    name="frames-atif", ending="", version=EXPORT_VERSION, write=_write, extra="pictures"
)
