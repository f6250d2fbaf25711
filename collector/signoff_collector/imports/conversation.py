"""Builds the part of an episode that a conversation with a coding agent gives."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from signoff_collector.imports.agent_tools import apply_write, command_of, writes_of
from signoff_collector.imports.building import BY_AGENT, UNKNOWN
from signoff_collector.imports.reading import dump_json, parse_json_lines
from signoff_collector.imports.trace_times import wall_ns_of
from signoff_schemas.errors import DamagedError
from signoff_schemas.steps import AgentStep, TaskStep
from signoff_schemas.untyped import is_fields
from signoff_schemas.values import Actor

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from signoff_collector.imports.building import Building

_MAX_NAME: Final = 200


def each_record(content: bytes, what: str, building: Building) -> Iterator[dict[str, object]]:
    """Yield the records of a transcript, a JSON object per line, and set the moment of each.

    Raises:
        DamagedError: a line is no object, or has a time that is none.
    """
    for number, record in parse_json_lines(content, what):
        if record is None:
            building.count("torn lines at the end left out")
            return
        if not is_fields(record):
            raise DamagedError(f"line {number} of {what} is not a JSON object")
        building.at(wall_ns_of(record.get("timestamp"), number))
        yield record


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call whose result is awaited."""

    number: int
    name: str
    arguments: Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What came of a call."""

    text: str
    failed: bool | None = None
    exit_code: int | None = None
    duration_ns: int | None = None
    originals: Mapping[str, str] = field(default_factory=dict[str, str])
    """Texts of files before the call, by the names that the source gives them."""
    is_modified: bool = False
    """The person changed what the call was to write, before it was written."""
    foreign: str | None = None


class Conversation:
    """Takes the messages, calls and results of one agent in order.

    A call changes files when its result comes and is no failure: a call that was refused or broken
    off changes nothing.
    """

    def __init__(self, building: Building, tool: str, *, is_agent: bool = True) -> None:
        self._building = building
        self._tool = tool[:_MAX_NAME] or "agent"
        self._by: Actor = BY_AGENT if is_agent else UNKNOWN
        self._calls = 0
        self._open: dict[str, Call] = {}
        self._has_task = False
        self.model: str | None = None
        self.tool_version: str | None = None

    def prompt(self, text: str, foreign: str | None = None, *, is_task: bool = True) -> None:
        """Take what the agent was told; the first that is no mere instruction is the task."""
        if is_task and text.strip() and not self._has_task:
            self._has_task = True
            self._building.add(
                TaskStep, text=text, origin="agent_prompt", stated="before_first_edit"
            )
        self._add("prompt", text=text or None, foreign=foreign)

    def message(self, text: str, foreign: str | None = None) -> None:
        """Take what the agent said."""
        self._add("message", text=text or None, foreign=foreign)

    def end(self, text: str | None = None, foreign: str | None = None) -> None:
        """Take the end of the conversation."""
        self._add("end", text=text, foreign=foreign)

    def call(
        self, key: str, name: str, arguments: Mapping[str, object], foreign: str | None = None
    ) -> None:
        """Take a call; `key` is what its result names it by."""
        if key in self._open:
            self._building.count("calls that share their id with an earlier one")
        call = Call(number=self._calls, name=name[:_MAX_NAME], arguments=arguments)
        self._calls += 1
        self._open[key] = call
        line, words = command_of(name, arguments)
        self._add(
            "tool_call",
            call=call.number,
            tool_name=call.name,
            line=line if line is not None else " ".join(words) or None,
            text=dump_json(arguments),
            paths=tuple(dict.fromkeys(self._paths(call))),
            foreign=foreign,
        )

    def result(self, key: str, result: Result) -> None:
        """Take the result of a call, and with it what the call did."""
        call = self._open.pop(key, None)
        if call is None:
            self._building.count("results that belong to no call")
        self._add(
            "tool_result",
            call=None if call is None else call.number,
            tool_name=None if call is None else call.name,
            text=result.text or None,
            failed=result.failed,
            paths=() if call is None else tuple(dict.fromkeys(self._paths(call))),
            foreign=result.foreign,
        )
        if call is not None:
            self._run(call, result)
            if not result.failed:
                self._write(call, result)

    def finish(self) -> None:
        """Say what is left open."""
        if self._open:
            self._building.count(
                "calls without a result, so that nobody knows what they did", len(self._open)
            )

    def _run(self, call: Call, result: Result) -> None:
        line, words = command_of(call.name, call.arguments)
        if line is None and not words:
            return
        self._building.command(
            result.text,
            line=line,
            argv=words,
            exit_code=result.exit_code,
            duration_ns=result.duration_ns,
            actor=self._named(call),
        )

    def _write(self, call: Call, result: Result) -> None:
        building = self._building
        for name, text in result.originals.items():
            path = building.paths.of(name)
            if building.disk(path) != text:
                if building.is_told(path):
                    building.count("files changed by something else between the calls")
                building.write(path, text)
        for write in writes_of(call.name, call.arguments):
            apply_write(building, write, self._named(call), is_as_called=not result.is_modified)

    def _named(self, call: Call) -> Actor:
        return self._by.model_copy(update={"evidence": (f"agent {call.number}",)})

    def _paths(self, call: Call) -> list[str]:
        writes = writes_of(call.name, call.arguments)
        return [self._building.paths.of(write.path) for write in writes]

    def _add(self, event: str, **fields: object) -> None:
        self._building.add(
            AgentStep,
            tool=self._tool,
            tool_version=self.tool_version,
            model=self.model,
            agent_session="agent-1",
            event=event,
            **fields,
        )
