"""Imports trajectories in the Agent Trajectory Interchange Format (ATIF), and gives them back.

Every message, call, argument and observation stands in an `agent` step; what has no field of ours
(ids, metrics, `extra`) is kept in the step's `foreign`, so that `trajectory_of` gives the same
trajectory again. Trajectories of subagents are kept as they are, but not replayed.
Source: harborframework.com/docs/trajectory-format, versions 1.0 to 1.8.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_collector.episode.columns.times import MILLISECOND_NS
from signoff_collector.imports.agent_tools import apply_write, writes_of
from signoff_collector.imports.building import UNKNOWN, Building
from signoff_collector.imports.claude_code import text_of
from signoff_collector.imports.conversation import Conversation, Result
from signoff_collector.imports.reading import dump_json, is_whole, parse_json
from signoff_collector.imports.trace_times import wall_ns_of
from signoff_schemas.errors import DamagedError
from signoff_schemas.steps import AgentStep
from signoff_schemas.untyped import fields_of, is_fields, list_of
from signoff_schemas.words import Coverage

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from signoff_collector.episode.content import Episode
    from signoff_collector.imports.people import Foreign

FORMAT: Final = "atif"
HUMAN: Final = "human-developer"
"""Name of the agent in trajectories of people, as Signoff exports them."""
_SOURCE: Final = "trajectory"
_WHAT: Final = "the trajectory"
_MAX_MS: Final = 1 << 50
_EXIT_NAMES: Final = ("exit_code", "returncode", "exitCode")


def read_atif(content: bytes) -> Foreign:
    """Return the episode of a trajectory.

    Raises:
        DamagedError: it is none.
    """
    whole = parse_json(content, _WHAT)
    version = fields_of(whole).get("schema_version")
    if not is_fields(whole) or not isinstance(version, str) or not version.startswith("ATIF-v"):
        raise DamagedError(f"{_WHAT} does not name a version of ATIF")
    agent, steps = fields_of(whole.get("agent")), list_of(whole.get("steps"))
    name = agent.get("name")
    if not isinstance(name, str) or not steps:
        raise DamagedError(f"{_WHAT} has no agent with a name, or no steps")
    has_dates = any("timestamp" in fields_of(step) for step in steps)
    reader = _Trajectory(name, has_dates=has_dates)
    reader.about(agent)
    reader.begin_in(map(fields_of, steps))
    for number, step in enumerate(steps, 1):
        if not is_fields(step):
            raise DamagedError(f"step {number} of {_WHAT} is not an object")
        reader.take(number, step)
    return reader.finish({key: value for key, value in whole.items() if key != "steps"})


class _Trajectory:
    """What the steps told so far."""

    def __init__(self, name: str, *, has_dates: bool) -> None:
        self._building = Building(FORMAT, _SOURCE, has_wall_clock=has_dates)
        self._has_dates = has_dates
        self._building.say("files are known only as far as calls write or name their whole text")
        self._conversation = Conversation(self._building, name, is_agent=name != HUMAN)

    def about(self, agent: Mapping[str, object]) -> None:
        """Take what is said of the agent as a whole."""
        if isinstance(version := agent.get("version"), str):
            self._conversation.tool_version = version
        if isinstance(model := agent.get("model_name"), str):
            self._conversation.model = model

    def begin_in(self, steps: Iterable[Mapping[str, object]]) -> None:
        """Say which files calls will write."""
        calls = (fields_of(call) for step in steps for call in list_of(step.get("tool_calls")))
        self._building.paths.begin_in(
            {
                write.path
                for call in calls
                if isinstance(name := call.get("function_name"), str)
                for write in writes_of(name, fields_of(call.get("arguments")))
            }
        )

    def take(self, number: int, step: dict[str, object]) -> None:
        """Take the next step."""
        extra = fields_of(step.get("extra"))
        self._building.at(self._moment(number, step.get("timestamp"), extra.get("t_ms")))
        calls, observation = list_of(step.get("tool_calls")), step.get("observation")
        results = list_of(fields_of(observation).get("results"))
        kept = _without(step, "message", "tool_calls", "observation")
        message = step.get("message")
        if not _fits(message):
            kept |= {name: step[name] for name in ("message",) if name in step}
        if not calls and "tool_calls" in step:
            kept["tool_calls"] = step["tool_calls"]
        if "observation" in step and (not results or len(fields_of(observation)) > 1):
            kept["observation"] = _without(
                fields_of(observation), *(["results"] if results else [])
            )
        self._say(step.get("source"), text_of(message), dump_json(kept))
        keys = [self._call(number, place, fields_of(call)) for place, call in enumerate(calls)]
        for result in map(fields_of, results):
            told = result.get("source_call_id")
            key = f"{number}:{told}" if told is not None or len(keys) != 1 else keys[0]
            self._result(key, result)
        self._changed(extra)

    def finish(self, about: dict[str, object]) -> Foreign:
        """Return the episode."""
        if about.get("subagent_trajectories"):
            self._building.say("trajectories of subagents are kept, but not replayed")
        self._conversation.end(foreign=dump_json(about))
        self._conversation.finish()
        return self._building.finished(
            agents=Coverage.FULL, output=Coverage.PARTIAL, files=Coverage.PARTIAL
        )

    def _moment(self, number: int, timestamp: object, since_ms: object) -> int | None:
        """Return when a step was: its date, or the time since the start in our own trajectories."""
        if self._has_dates:
            return wall_ns_of(timestamp, number)
        is_time = type(since_ms) is int and 0 <= since_ms < _MAX_MS
        return since_ms * MILLISECOND_NS if isinstance(since_ms, int) and is_time else None

    def _changed(self, extra: Mapping[str, object]) -> None:
        """Take what changed files without being a call, as our own trajectories tell it."""
        for change in map(fields_of, list_of(extra.get("file_changes"))):
            name = change.get("function_name")
            if isinstance(name, str):
                for write in writes_of(name, fields_of(change.get("arguments"))):
                    apply_write(self._building, write, UNKNOWN)

    def _say(self, source: object, text: str, foreign: str) -> None:
        if source == "agent":
            self._conversation.message(text, foreign)
        else:
            self._conversation.prompt(text, foreign, is_task=source == "user")

    def _call(self, number: int, place: int, call: dict[str, object]) -> str:
        key = f"{number}:{call.get('tool_call_id', place)}"
        name, arguments = call.get("function_name"), call.get("arguments")
        is_plain = is_fields(arguments)
        kept = _without(call, "arguments") if is_plain else call
        told = name if isinstance(name, str) else "unknown"
        self._conversation.call(key, told, fields_of(arguments), dump_json(kept))
        return key

    def _result(self, key: str, result: dict[str, object]) -> None:
        content, extra = result.get("content"), fields_of(result.get("extra"))
        kept = _without(result, "content") if _fits(content) else result
        told = next((extra[name] for name in _EXIT_NAMES if name in extra), None)
        code = told if isinstance(told, int) and type(told) is int and abs(told) < 1 << 31 else None
        self._conversation.result(
            key,
            Result(
                text=text_of(content),
                exit_code=code,
                failed=True
                if extra.get("is_error") is True or extra.get("failed") is True
                else None,
                foreign=dump_json(kept),
            ),
        )
        self._changed(extra)


def trajectory_of(episode: Episode) -> dict[str, object] | None:
    """Return the trajectory that an episode was imported from; None for any other episode.

    Raises:
        DamagedError: masking left something that is no JSON any more.
    """
    imported = episode.header.imported
    if imported is None or imported.format != FORMAT:
        return None
    steps: list[dict[str, object]] = []
    about: dict[str, object] = {}
    for step in episode.steps:
        if not isinstance(step, AgentStep) or step.foreign is None:
            continue
        kept = fields_of(parse_json(step.foreign.encode(), "what an agent step keeps"))
        match step.event:
            case "end":
                about = kept
            case "tool_call":
                _call_again(steps, step, kept)
            case "tool_result":
                _result_again(steps, step, kept)
            case _:
                steps.append({"message": step.text or "", **kept})
    return {**about, "steps": steps}


def _call_again(steps: list[dict[str, object]], step: AgentStep, kept: dict[str, object]) -> None:
    if "arguments" not in kept:
        kept["arguments"] = parse_json((step.text or "{}").encode(), "the arguments of a call")
    calls = steps[-1].setdefault("tool_calls", []) if steps else []
    if isinstance(calls, list):
        calls.append(kept)


def _result_again(steps: list[dict[str, object]], step: AgentStep, kept: dict[str, object]) -> None:
    if step.text is not None and "content" not in kept:
        kept["content"] = step.text
    observation = steps[-1].setdefault("observation", {}) if steps else {}
    results = fields_of(observation).setdefault("results", [])
    if isinstance(results, list):
        results.append(kept)


def _fits(text: object) -> bool:
    """Say whether the text of a step holds this exactly."""
    return isinstance(text, str) and text != "" and is_whole(text)


def _without(fields: Mapping[str, object], *names: str) -> dict[str, object]:
    return {name: value for name, value in fields.items() if name not in names}
