"""Links tool calls of agents to the changes they made (docs/agents.md, "Who changed a file").

The hooks of an agent report before and after each tool call which files it writes. A change of
such a file in that time is attributed to the agent. Other changes at the time, as by a command
that it ran, are external, with the call as evidence.

The hooks' lines are scanned once before the records are processed in order, since the file
watcher may report a change before or after the agent does.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, cast

from signoff_schemas.untyped import is_fields

if TYPE_CHECKING:
    from signoff_collector.capture.journal.records import WriterRecords
    from signoff_collector.seal.building.building import Builder
    from signoff_collector.seal.building.known_disk import Disk
    from signoff_collector.seal.times.merge import SessionScale

WRITER: Final = "agent"
"""Prefix of their spools, and the kind of their steps."""

LATE_MS: Final = 2_000
"""Most delay between a call and the sighting of its change, for a file that the call names."""

UNPAIRED_MS: Final = 1_000
"""Assumed length of a call with only a result reported (Cursor's `afterFileEdit`)."""

_MS: Final = 1_000_000
_PREFIX: Final = "agent "
_OPEN_MS: Final = 1 << 60
_KEPT: Final = ("tool", "event", "tool_name", "line", "text", "failed", "t_kind")
_Key = tuple[object, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One tool call; times in ms since session start."""

    number: int
    conversation: str
    from_ms: int
    to_ms: int
    paths: frozenset[str]
    """Files of the workspace that it announced to write."""

    @property
    def evidence(self) -> str:
        """Its label as evidence of a change."""
        return f"{_PREFIX}{self.number}"


@dataclass(slots=True, kw_only=True)
class _Told:
    """Result of the first scan for one line of a spool."""

    call: int | None
    conversation: str
    tool_version: str | None
    model: str | None
    is_step: bool


@dataclass(slots=True)
class _Conversation:
    """State of one agent session during the first scan."""

    name: str
    tool_version: str | None = None
    model: str | None = None
    open_calls: dict[_Key, deque[int]] = field(default_factory=dict[_Key, "deque[int]"])
    has_ended: bool = False
    """Whether the previous line ended a turn: a session end right after it gives no step."""


class Agents:
    """Index of the agents' tool calls in one session."""

    def __init__(
        self,
        writers: Sequence[WriterRecords],
        scale: SessionScale,
        relative: Callable[[str], str | None],
    ) -> None:
        self._relative = relative
        self._calls: list[Call] = []
        self._by_path: dict[str, list[int]] = {}
        self._told: dict[_Key, deque[_Told]] = {}
        self._conversations: dict[_Key, _Conversation] = {}
        self._states: dict[int, int] = {}
        self._results: dict[str, int] = {}
        """Evidence of a call to the index of its result among the steps."""
        for t_ms, body in _lines(writers, scale):
            told = self._look(t_ms, body)
            self._told.setdefault(_key(body), deque()).append(told)
        self._close()

    @property
    def calls(self) -> Sequence[Call]:
        """Every call, by its number."""
        return self._calls

    def writing(self, path: str, from_ms: int, to_ms: int) -> Call | None:
        """Return the latest call in a time span that writes this file, or None."""
        for number in reversed(self._by_path.get(path, ())):
            call = self._calls[number]
            if call.from_ms <= to_ms and from_ms <= call.to_ms + LATE_MS:
                return call
        return None

    def writing_all(self, paths: Iterable[str], from_ms: int, to_ms: int) -> list[Call]:
        """Return the calls that write these files; empty unless every file has one."""
        calls = [self.writing(path, from_ms, to_ms) for path in sorted(paths)]
        found = [call for call in calls if call is not None]
        if len(found) < len(calls):
            return []
        return sorted({call.number: call for call in found}.values(), key=lambda call: call.number)

    def at_work(self, from_ms: int, to_ms: int) -> list[Call]:
        """Return the calls that ran in a time span."""
        return [call for call in self._calls if call.from_ms <= to_ms and from_ms <= call.to_ms]

    def step(self, source: str, journalled: Mapping[str, object], to: Builder, disk: Disk) -> bool:
        """Add the step of one spool line with the state of the disk; False if it is another's."""
        if journalled.get("kind") != WRITER:
            return False
        queue = self._told.get(_key(journalled))
        told = queue.popleft() if queue else None
        if told is None:
            return False
        if not told.is_step:
            return True
        fields = {name: journalled[name] for name in _KEPT if name in journalled}
        fields |= {
            "agent_session": told.conversation,
            "tool_version": told.tool_version,
            "model": told.model,
            "call": told.call,
            "paths": self._inside(journalled.get("paths")),
        }
        if told.call is not None and "has_no_call" not in journalled:
            fields["state_before"] = self._states.setdefault(told.call, disk.state)
        is_result = fields.get("event") == "tool_result"
        if is_result:
            fields["state_after"] = disk.state
        if to.add(WRITER, source, fields) is not None and is_result and told.call is not None:
            self._results[self._calls[told.call].evidence] = len(to.steps) - 1
        return True

    def changed(self, evidence: Iterable[str], to: Builder, state: int) -> None:
        """Update `state_after` of the results of these calls: their changes were just seen."""
        for word in evidence:
            place = self._results.get(word)
            if place is not None:
                to.steps[place] = to.steps[place].model_copy(update={"state_after": state})

    def _look(self, t_ms: int, body: Mapping[str, object]) -> _Told:
        """Process one line in the first scan."""
        conversation = self._conversation(body)
        event = body.get("event")
        call = None
        if event == "tool_call":
            call = self._begin(t_ms, body, conversation)
        elif event == "tool_result":
            call = self._end(t_ms, body, conversation)
        elif event in ("prompt", "end"):
            self._give_up(t_ms, conversation)
        is_step = event != "start" and not (
            event == "end" and body.get("ends") == "session" and conversation.has_ended
        )
        conversation.has_ended = event == "end"
        return _Told(
            call=call,
            conversation=conversation.name,
            tool_version=conversation.tool_version,
            model=conversation.model,
            is_step=is_step,
        )

    def _conversation(self, body: Mapping[str, object]) -> _Conversation:
        """Return the agent session of a line; version and model carry over to later lines."""
        key = (_plain(body.get("tool")), _plain(body.get("agent_session")))
        known = self._conversations.get(key)
        if known is None:
            known = _Conversation(name=str(len(self._conversations) + 1))
            self._conversations[key] = known
        version, model = body.get("tool_version"), body.get("model")
        known.tool_version = version if isinstance(version, str) else known.tool_version
        known.model = model if isinstance(model, str) else known.model
        return known

    def _begin(self, t_ms: int, body: Mapping[str, object], conversation: _Conversation) -> int:
        number = self._add(t_ms, _OPEN_MS, body, conversation)
        conversation.open_calls.setdefault(_call_key(body), deque()).append(number)
        return number

    def _end(self, t_ms: int, body: Mapping[str, object], conversation: _Conversation) -> int:
        """Close the call of a result, or make a call from the result alone.

        An agent may wait for the person's approval before it acts. So where it reports the
        duration of the tool, only that counts, plus a second for the hooks.
        """
        lasted = body.get("duration_ms")
        queue = conversation.open_calls.get(_call_key(body))
        if not queue:
            back = lasted + UNPAIRED_MS if type(lasted) is int else UNPAIRED_MS
            return self._add(max(0, t_ms - back), t_ms, body, conversation)
        number = queue.popleft()
        call = self._calls[number]
        begun = call.from_ms
        if type(lasted) is int:
            begun = max(begun, t_ms - lasted - UNPAIRED_MS)
        named = frozenset(self._inside(body.get("paths")))
        self._calls[number] = replace(call, from_ms=begun, to_ms=t_ms, paths=call.paths | named)
        return number

    def _add(
        self, from_ms: int, to_ms: int, body: Mapping[str, object], conversation: _Conversation
    ) -> int:
        number = len(self._calls)
        paths = frozenset(self._inside(body.get("paths")))
        self._calls.append(
            Call(
                number=number,
                conversation=conversation.name,
                from_ms=from_ms,
                to_ms=to_ms,
                paths=paths,
            )
        )
        return number

    def _give_up(self, t_ms: int, conversation: _Conversation) -> None:
        """End calls without a result (refused or interrupted) with their turn."""
        for queue in conversation.open_calls.values():
            for number in queue:
                self._calls[number] = replace(self._calls[number], to_ms=t_ms)
        conversation.open_calls.clear()

    def _close(self) -> None:
        """Give calls without any end a length of 0, and index all calls by path."""
        for call in self._calls:
            if call.to_ms == _OPEN_MS:
                self._calls[call.number] = replace(call, to_ms=call.from_ms)
            for path in call.paths:
                self._by_path.setdefault(path, []).append(call.number)

    def _inside(self, value: object) -> tuple[str, ...]:
        listed = cast("list[object]", value) if isinstance(value, list | tuple) else []
        found = (self._relative(path) for path in listed if isinstance(path, str))
        return tuple(dict.fromkeys(path for path in found if path is not None))


def agents_at_work(
    writers: Sequence[WriterRecords],
    scale: SessionScale,
    relative: Callable[[str], str | None],
) -> Agents | None:
    """Return the agents of a session, None if none was recorded."""
    if any(writer.header.writer == WRITER for writer in writers):
        return Agents(writers, scale, relative)
    return None


def _lines(
    writers: Sequence[WriterRecords], scale: SessionScale
) -> list[tuple[int, Mapping[str, object]]]:
    """Return the lines of all agents in the order in which they are processed later."""
    found: list[tuple[int, str, int, Mapping[str, object]]] = []
    for writer in writers:
        if writer.header.writer != WRITER:
            continue
        offset = scale.offsets[writer.header.boot_id] - scale.start_ns
        for place, (t_boot_ns, _, body) in enumerate(writer):
            if is_fields(body):
                fields = body
                found.append((t_boot_ns + offset, writer.writer_id, place, fields))
    found.sort(key=lambda line: line[:3])
    return [(max(0, t_ns) // _MS, body) for t_ns, _, _, body in found]


def _key(body: Mapping[str, object]) -> _Key:
    """Return a key to find a line again; lines with equal keys are matched in order."""
    names = ("t_boot_ns", "tool", "agent_session", "event", "call_id", "tool_name")
    return tuple(_plain(body.get(name)) for name in names)


def _call_key(body: Mapping[str, object]) -> _Key:
    """Return the key that pairs a call with its result: the id, or the words (Cursor has no id)."""
    if "call_id" in body:
        return ("id", _plain(body["call_id"]))
    return ("said", _plain(body.get("tool_name")), _plain(body.get("line")))


def _plain(value: object) -> str | int | None:
    """Return a hashable value for a key: a journal may hold anything."""
    return value if isinstance(value, str | int) else None
