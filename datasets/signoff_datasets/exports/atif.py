"""ATIF: one trajectory (tag ATIF-v1.7) of an episode or a task, in one JSON file.

What is written where (names are those of the format; nothing else is written):

* root: `schema_version` "ATIF-v1.7", `session_id` the session's id, `trajectory_id`
  "<first 16 digits of the episode's sha256>/all", or ".../task-N"; `agent`; `steps`;
  `final_metrics.total_steps`; `subagent_trajectories` if an agent worked; `extra`.
* root `extra`: the provenance of `interface.Source.provenance` (`episode_sha256`, `seq` [first,
  last], `export_version`, `statement_sha256`, `base_commit`, `repository`, `licence`,
  `repository_licence`; what is not known is left out), `time_resolution`, `actions_version`, and
  `unsaved` [{`path`, `seq`}]: what was typed and never saved, which no step shows.
* `agent`: `name` "human-developer", `version` "signoff-<release>", `tool_definitions` (`calls`),
  `extra.editors` [{`name`, `version`}]. No `model_name`.
* the task's words: `source` "user", `message` the words, `extra` {`seq`, `origin` "task",
  `stated`, `author`}.
* a note: `source` "agent" ("system" for one that is not the person's), `message` the words,
  `extra` {`origin` "note", `author`}.
* a call (open_file, search, str_replace, create, delete, rename, bash): `source` "agent", `message`
  "", one `tool_calls` entry with `tool_call_id` "s<first step>-<number>", and one
  `observation.results` entry for it with what was seen (`calls.result_of`).
  `tool_calls[0].extra`: `seq` [first, last], `author` {`class`, `basis`, `evidence`}, `weight`,
  `zero_because`, `labels`, `typed`, `pasted`, `accepted`, `inserted`, `deleted`, `unsaved` true for
  text that was not saved at the end.
  `observation.results[0].extra`: `exit_code`, `signal`, `left_out_bytes` (cut from the output),
  `tests` {id: outcome}, `first_line` (zero-based, of what was visible), `file_changes`
  [{`function_name`, `arguments`}]: what a command did to files, as calls.
* what happened without a call (a change on disk, git, a finding): `source` "system", `message` in
  words (`calls.happened`), `extra`: `seq`, `author`, `file_changes`, `tests`. Its author is
  never a person who is known; a change of nobody is `unknown`.
* every agent step of the root has `llm_call_count` 0; no step has `reasoning_content` or `metrics`.
* every step: `timestamp` only where the episode tells the day and the time of day;
  `extra.t_ms`, since the start, unless the episode has no times.
* a programming agent: one trajectory under `subagent_trajectories` for each of its conversations,
  `trajectory_id` "<root id>/agent-<number>", `agent` {`name` its tool, `version`, `model_name`};
  prompts are "user", words and calls "agent", a call with `tool_calls` (`function_name` the tool's
  name, `arguments` its own where they are known, else {`line`, `paths`}), results the `observation`
  of their call; `extra.seq`. In the root a "system" step stands where it begins, with
  `observation.results[0].subagent_trajectory_ref`.

Of what another tool recorded, `extra.imported` names the format. The root's agent is the agent that
worked, and its conversation the steps (what a call wrote is its `file_changes`); where a person
worked, `agent.name` is the format. An episode that was imported from ATIF gives the trajectory that
it came from, as a whole.

A call or a `file_changes` entry done in order, in the files at the start, gives the recorded files.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from signoff_collector.episode.imported import imported_of
from signoff_collector.imports.atif import trajectory_of
from signoff_datasets.actions.action import ACTIONS_VERSION
from signoff_datasets.actions.trace import trace
from signoff_datasets.exports.calls import (
    TOOL_DEFINITIONS,
    call_of,
    file_changes,
    happened,
    is_call,
    result_of,
    shown,
)
from signoff_datasets.exports.conversation import without_echoes
from signoff_datasets.exports.interface import File, Format
from signoff_datasets.exports.surroundings import surroundings
from signoff_schemas.untyped import is_fields

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from signoff_collector.episode.content import Episode
    from signoff_datasets.actions.action import Action, Author, Trace
    from signoff_datasets.exports.interface import Source
    from signoff_datasets.exports.surroundings import Surroundings
    from signoff_schemas.steps import AgentStep

EXPORT_VERSION: Final = 3
SCHEMA_VERSION: Final = "ATIF-v1.7"
AGENT_NAME: Final = "human-developer"
_MS_NS: Final = 10**6
_BY_CALL: Final = "agent "
"""Evidence that an importer gives of what a call did; the number of the call follows."""
Json = dict[str, object]


def trajectory(source: Source) -> Json:
    """Return the trajectory of an episode or a task.

    Raises:
        DamagedError: an edit of the episode does not fit its text.
        UsageError: there is no such task.
    """
    episode = source.episode
    if source.task is None and (imported := trajectory_of(episode)) is not None:
        return imported
    found = trace(episode, base=source.base, task=source.task)
    root_id = f"{source.sha256[:16]}/{'all' if source.task is None else f'task-{source.task}'}"
    agents = _Agents(root_id, found.actions)
    is_of_agent = imported_of(episode.header) is not None and agents.first is not None
    steps = list(_steps(episode, found, None if is_of_agent else agents))
    if not steps:
        steps = [{"step_id": 1, "source": "system", "message": "Nothing was recorded."}]
    extra = source.provenance(EXPORT_VERSION, found.first, found.last) | {
        "time_resolution": episode.header.time_resolution,
        "actions_version": ACTIONS_VERSION,
        "unsaved": [
            {"path": shown(one.path), "seq": [one.first, one.last]} for one in found.discarded
        ],
    }
    around = _environment(surroundings(episode, found.first, found.last))
    if around:
        extra["environment"] = around
    whole: Json = {
        "schema_version": SCHEMA_VERSION,
        "session_id": episode.header.session,
        "trajectory_id": root_id,
        "agent": _root_agent(episode, agents.first),
        "steps": steps,
        "final_metrics": {"total_steps": len(steps)},
        "extra": extra,
    }
    embedded = [] if is_of_agent else agents.trajectories()
    return whole | ({"subagent_trajectories": embedded} if embedded else {})


def _root_agent(episode: Episode, first: AgentStep | None) -> Json:
    """Return whose work it is: the person's who recorded, or what another tool recorded."""
    imported = imported_of(episode.header)
    if imported is not None and first is not None:
        return _agent(first)
    version = f"signoff-{episode.header.versions.get('signoff', 'unknown')}"
    editors = [
        {"name": shown(one.name), "version": shown(one.version or "")}
        for one in episode.header.editors
    ]
    return {
        "name": AGENT_NAME if imported is None else imported.format,
        "version": version if imported is None else "unknown",
        "tool_definitions": TOOL_DEFINITIONS,
        "extra": {"editors": editors},
    }


def _environment(around: Surroundings) -> Json:
    """Return what is known of what stood around the test runs."""
    told: Json = {
        "interpreters": around.interpreters or None,
        "packages": around.packages or None,
        "unnamed_packages": around.unnamed,
        "services": None if around.services is None else list(around.services),
    }
    return {name: value for name, value in told.items() if value is not None}


def _write(source: Source) -> Iterator[File]:
    text = json.dumps(trajectory(source), ensure_ascii=True, indent=1)
    yield File(content=text.encode("ascii") + b"\n", records=1)


def _steps(episode: Episode, found: Trace, agents: _Agents | None) -> Iterator[Json]:
    """Yield the root's steps; without `agents` the root is the one agent's own conversation."""
    number = 0
    actions = found.actions
    told: dict[int, Json] = {}
    if agents is None:
        steps = [action.agent for action in actions if action.agent is not None]
        told = {step.seq: one for step, one in _told(steps, _done_by_calls(actions))}
        actions = tuple(one for one in without_echoes(actions) if _call_number(one) is None)
    for action in actions:
        if action.kind != "agent":
            step = _step(action, number + 1)
        else:
            step = told.get(action.seq_first) if agents is None else agents.begins(action)
        if step is None:
            continue
        number += 1
        yield {"step_id": number, **_timestamp(episode, action), **step}


def _timestamp(episode: Episode, action: Action) -> Json:
    start_ns = episode.header.started_wall_ns
    if start_ns is None or action.t_ns is None:
        return {}
    ms = (start_ns + action.t_ns) // _MS_NS
    at = datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=ms)
    return {"timestamp": at.isoformat(timespec="milliseconds").replace("+00:00", "Z")}


def _call_number(action: Action) -> int | None:
    """Return the call by which an imported agent did this; None for all else."""
    found = [one.removeprefix(_BY_CALL) for one in action.author.evidence if one[:6] == _BY_CALL]
    return int(found[0]) if action.agent is None and found and found[0].isdecimal() else None


def _done_by_calls(actions: Sequence[Action]) -> dict[int, Json]:
    """Return what is known of each call besides its result: its exit code, and what it wrote."""
    found: dict[int, Json] = {}
    changed: dict[int, list[Json]] = {}
    for action in actions:
        number = _call_number(action)
        if number is None:
            continue
        told = found.setdefault(number, {})
        if action.observation.exit_code is not None:
            told["exit_code"] = action.observation.exit_code
        if action.changes:
            changed.setdefault(number, []).extend(file_changes(action.changes))
            told["file_changes"] = changed[number]
    return found


def _step(action: Action, number: int) -> Json | None:
    author = _author(action.author)
    match action.kind:
        case "task":
            extra = _extra(action, origin="task", stated=action.scope, author=author)
            return {"source": "user", "message": shown(action.text), "extra": extra}
        case "message":
            extra = _extra(action, origin="note", stated=action.scope, author=author)
            if not action.author.is_person:
                return {"source": "system", "message": shown(action.text), "extra": extra}
            return {
                "source": "agent",
                "message": shown(action.text),
                "llm_call_count": 0,
                "extra": extra,
            }
        case _:
            return _call(action, number) if is_call(action) else _event(action)


def _call(action: Action, number: int) -> Json:
    name, arguments = call_of(action)
    call_id = f"s{action.seq_first}-{number}"
    told: Json = {
        "seq": _seq(action),
        "author": _author(action.author),
        "weight": action.weight,
        "zero_because": list(action.zero_because),
        "labels": list(action.labels),
    }
    if action.is_in_editor:
        told |= {
            "typed": action.typed,
            "pasted": action.pasted,
            "accepted": action.accepted,
            "inserted": action.inserted,
            "deleted": action.deleted,
        }
    if action.is_unsaved:
        told["unsaved"] = True
    return {
        "source": "agent",
        "message": "",
        "llm_call_count": 0,
        "extra": {} if action.t_ns is None else {"t_ms": action.t_ns // _MS_NS},
        "tool_calls": [
            {
                "tool_call_id": call_id,
                "function_name": name,
                "arguments": arguments,
                "extra": told,
            }
        ],
        "observation": {
            "results": [
                {"source_call_id": call_id, "content": result_of(action), **_observed(action)}
            ]
        },
    }


def _observed(action: Action) -> Json:
    seen = action.observation
    told: Json = {
        "exit_code": seen.exit_code,
        "signal": seen.signal,
        "left_out_bytes": seen.left_out_bytes or None,
        "tests": {shown(one.test): one.outcome for one in seen.tests} or None,
        "first_line": seen.first_line,
        "file_changes": (file_changes(action.changes) or None) if action.kind == "bash" else None,
    }
    extra = {name: value for name, value in told.items() if value is not None}
    return {"extra": extra} if extra else {}


def _event(action: Action) -> Json:
    tests = {shown(one.test): one.outcome for one in action.observation.tests}
    extra = _extra(action, author=_author(action.author))
    if action.changes:
        extra["file_changes"] = file_changes(action.changes)
    if tests:
        extra["tests"] = tests
    return {"source": "system", "message": happened(action), "extra": extra}


def _extra(action: Action, **more: object) -> Json:
    times = {} if action.t_ns is None else {"t_ms": action.t_ns // _MS_NS}
    return {"seq": _seq(action), **times, **more}


def _seq(action: Action) -> list[int]:
    return [action.seq_first, action.seq_last]


def _author(author: Author) -> Json:
    return {
        "class": author.cls,
        "basis": author.basis,
        "evidence": [shown(one) for one in author.evidence],
    }


class _Agents:
    """The programming agents that worked in the session, one trajectory a conversation."""

    def __init__(self, root_id: str, actions: Sequence[Action]) -> None:
        self._root_id = root_id
        self._steps: dict[tuple[str, str], list[AgentStep]] = {}
        for action in actions:
            if action.agent is not None:
                self._steps.setdefault(_conversation(action.agent), []).append(action.agent)
        self._numbers = {name: number for number, name in enumerate(self._steps, start=1)}
        self._begun = set[tuple[str, str]]()
        self.first = next((steps[0] for steps in self._steps.values()), None)

    def begins(self, action: Action) -> Json | None:
        """Return the root's step where an agent begins; None for all that follows."""
        step = action.agent
        if step is None or _conversation(step) in self._begun:
            return None
        name = _conversation(step)
        self._begun.add(name)
        reference = {"trajectory_id": self._id(name)}
        return {
            "source": "system",
            "message": f"A programming agent worked here: {shown(step.tool)}.",
            "observation": {"results": [{"subagent_trajectory_ref": [reference]}]},
            "extra": _extra(action, author=_author(action.author)),
        }

    def trajectories(self) -> list[Json]:
        """Return the trajectory of each conversation."""
        return [self._trajectory(name, steps) for name, steps in self._steps.items()]

    def _id(self, name: tuple[str, str]) -> str:
        return f"{self._root_id}/agent-{self._numbers[name]}"

    def _trajectory(self, name: tuple[str, str], steps: Sequence[AgentStep]) -> Json:
        told = [one for _, one in _told(steps, {})]
        return {
            "schema_version": SCHEMA_VERSION,
            "trajectory_id": self._id(name),
            "agent": _agent(steps[0]),
            "steps": [{"step_id": place, **one} for place, one in enumerate(told, start=1)],
            "final_metrics": {"total_steps": len(told)},
        }


def _agent(step: AgentStep) -> Json:
    agent: Json = {"name": shown(step.tool), "version": step.tool_version or "unknown"}
    return agent if step.model is None else agent | {"model_name": shown(step.model)}


def _conversation(step: AgentStep) -> tuple[str, str]:
    return step.tool, step.agent_session or ""


def _told(steps: Sequence[AgentStep], done: Mapping[int, Json]) -> Iterator[tuple[AgentStep, Json]]:
    """Yield what an agent was told, said and did, a result with its call.

    Args:
        steps: of its conversation.
        done: what is known of calls besides their results, by number.
    """
    results = {
        one.call: one for one in steps if one.event == "tool_result" and one.call is not None
    }
    called = {one.call for one in steps if one.event == "tool_call"}
    for step in steps:
        extra: Json = {"seq": [step.seq, step.seq]}
        if step.event == "tool_call":
            number = -1 if step.call is None else step.call
            yield step, _agent_call(step, results.get(number), extra, done.get(number, {}))
        elif step.event == "tool_result" and step.call in called:
            continue
        else:
            source = {"prompt": "user", "message": "agent"}.get(step.event, "system")
            words = step.text or f"[{step.event}]"
            yield step, {"source": source, "message": shown(words), "extra": extra}


def _arguments(step: AgentStep) -> Json | None:
    """Return the arguments of a call as an importer keeps them; None for any other text."""
    try:
        found = json.loads(step.text or "")
    except (ValueError, RecursionError):
        return None
    return found if is_fields(found) else None


def _agent_call(step: AgentStep, result: AgentStep | None, extra: Json, done: Json) -> Json:
    call_id = f"s{step.seq}"
    arguments = _arguments(step)
    message = "" if arguments is not None else shown(step.text or "")
    if arguments is None:
        line: Json = {} if step.line is None else {"line": shown(step.line)}
        paths: Json = {"paths": [shown(path) for path in step.paths]} if step.paths else {}
        arguments = line | paths
    told: Json = {
        "source": "agent",
        "message": message,
        "tool_calls": [
            {
                "tool_call_id": call_id,
                "function_name": shown(step.tool_name or "tool"),
                "arguments": arguments,
            }
        ],
        "extra": extra,
    }
    if result is not None:
        seen: Json = {"source_call_id": call_id, "content": shown(result.text or "")}
        seen["extra"] = {"seq": [result.seq, result.seq], "failed": result.failed, **done}
        told["observation"] = {"results": [seen]}
    return told


FORMAT: Final = Format(name="atif", ending=".json", version=EXPORT_VERSION, write=_write)
