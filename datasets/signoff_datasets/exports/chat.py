"""Chats with tool calls, as JSON lines, in two flavours.

`chat`, for trainers such as TRL's SFTTrainer: a record for each step that a trainer should learn
(weight 1), with `prompt` (all that came before it in its part), `completion` (the one message) and
`tools`. Arguments are objects. There is no other way to tell that trainer which of several calls
to learn; what has weight 0 stands in prompts alone.

`openai`, for fine-tuning files of that form: a record for each part, with `messages` and `tools`;
arguments are strings, and each message of the assistant has an integer `weight`. The provenance is
under `metadata`, as strings.

Both have the provenance of `interface.Source.provenance`; `seq` are the steps of the message that
is learnt, or of the part.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from signoff_datasets.actions.trace import trace
from signoff_datasets.exports.calls import (
    TOOL_DEFINITIONS,
    call_of,
    happened,
    is_call,
    result_of,
    shown,
    words_of,
)
from signoff_datasets.exports.conversation import SYSTEM, parts
from signoff_datasets.exports.interface import File, Format

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from signoff_datasets.actions.action import Action, Trace
    from signoff_datasets.exports.conversation import Part
    from signoff_datasets.exports.interface import Source

EXPORT_VERSION: Final = 2
MOST_PROMPT: Final = 24_000
"""Characters of a part of `chat`: each of its calls repeats what came before."""
MOST_MESSAGES: Final = 240_000
"""Characters of a part of `openai`."""
_COUNTED: Final = {"bash": "command", "apply_patch": "edit", "str_replace": "edit",
                   "create": "edit", "delete": "edit", "rename": "edit"}  # fmt: skip
Json = dict[str, object]


def chat_rows(source: Source, found: Trace) -> Iterator[Json]:
    """Yield a record for each message to learn of a trace."""
    for part in parts(found, MOST_PROMPT):
        before = _opening(part)
        for number, action in enumerate(part.actions):
            message = _assistant(action, number)
            if message is not None and action.weight:
                yield {
                    "prompt": list(before),
                    "completion": [message],
                    "tools": TOOL_DEFINITIONS,
                    **source.provenance(EXPORT_VERSION, action.seq_first, action.seq_last),
                }
            before += _messages(action, number)


def openai_rows(source: Source) -> Iterator[Json]:
    """Yield a record for each part.

    Raises:
        DamagedError: an edit of the episode does not fit its text.
        UsageError: there is no such task.
    """
    found = trace(source.episode, base=source.base, task=source.task)
    for part in parts(found, MOST_MESSAGES):
        messages = _opening(part)
        for number, action in enumerate(part.actions):
            for message in _messages(action, number):
                messages.append(_as_strings(message, action.weight))
        if any(one["role"] == "assistant" for one in messages):
            told = source.provenance(EXPORT_VERSION, part.first, part.last)
            yield {
                "messages": messages,
                "tools": TOOL_DEFINITIONS,
                "parallel_tool_calls": False,
                "metadata": {
                    name: one if isinstance(one, str) else json.dumps(one)
                    for name, one in told.items()
                },
            }


def json_lines(rows: Iterator[Json]) -> Iterator[File]:
    """Yield one file of a record a line, in ASCII."""
    lines = [json.dumps(row, ensure_ascii=True, separators=(",", ":")) for row in rows]
    text = "".join(f"{line}\n" for line in lines)
    yield File(content=text.encode("ascii"), records=len(lines))


def _opening(part: Part) -> list[Json]:
    return [{"role": "system", "content": SYSTEM}, {"role": "user", "content": part.opening}]


def _messages(action: Action, number: int) -> list[Json]:
    """Return the messages of an action: a call and its result, words, or what happened."""
    message = _assistant(action, number)
    if message is None:
        text = shown(action.text) if action.kind == "task" else happened(action)
        return [{"role": "user", "content": text}]
    if action.kind == "message":
        return [message]
    result: Json = {
        "role": "tool",
        "tool_call_id": _call_id(action, number),
        "name": call_of(action)[0],
        "content": _result(action),
    }
    return [message, result]


def _left_out(actions: Iterable[Action]) -> Iterator[str]:
    """Yield in words which edits and commands are no completion, counted by reason."""
    counts: Counter[tuple[str, str]] = Counter()
    for action in actions:
        kind = _COUNTED.get(action.kind)
        if kind is not None and not action.weight:
            author = f"author {action.author.cls}"
            reasons = (author if one == "author" else one for one in action.zero_because)
            counts[kind, " and ".join(reasons)] += 1
    told = [
        f"{count} {kind if count == 1 else f'{kind}s'} ({reason})"
        for (kind, reason), count in sorted(counts.items())
    ]
    if told:
        yield f"no completion, only seen: {', '.join(told)} (docs/exports.md)"


def _assistant(action: Action, number: int) -> Json | None:
    """Return the message in which a developer does something; None where nobody does."""
    if action.kind == "message":
        return {"role": "assistant", "content": words_of(action)}
    if not is_call(action):
        return None
    name, arguments = call_of(action)
    function: Json = {"name": name, "arguments": dict(arguments)}
    call: Json = {"id": _call_id(action, number), "type": "function", "function": function}
    return {"role": "assistant", "content": "", "tool_calls": [call]}


def _call_id(action: Action, number: int) -> str:
    return f"s{action.seq_first}-{number}"


def _result(action: Action) -> str:
    """Return what the caller is shown, and which files a command changed."""
    if action.kind != "bash" or not action.changes:
        return result_of(action)
    names = ", ".join(dict.fromkeys(shown(one.path) for one in action.changes))
    return f"{result_of(action)}\n[files changed: {names}]"


def _as_strings(message: Mapping[str, object], weight: int) -> Json:
    """Return a message as fine-tuning files have it."""
    kept = {name: value for name, value in message.items() if name != "name"}
    if message["role"] != "assistant":
        return kept
    calls = message.get("tool_calls")
    if isinstance(calls, list):
        kept["tool_calls"] = [
            {**call, "function": {**call["function"], "arguments": _dumped(call)}} for call in calls
        ]
    return {**kept, "weight": weight}


def _dumped(call: Mapping[str, Mapping[str, object]]) -> str:
    return json.dumps(call["function"]["arguments"], ensure_ascii=False)


def _chat(source: Source) -> Iterator[File]:
    found = trace(source.episode, base=source.base, task=source.task)
    for file in json_lines(chat_rows(source, found)):
        yield replace(file, notes=tuple(_left_out(found.actions)))


CHAT: Final = Format(name="chat", ending=".jsonl", version=EXPORT_VERSION, write=_chat)
OPENAI: Final = Format(
    name="openai",
    ending=".jsonl",
    version=EXPORT_VERSION,
    write=lambda one: json_lines(openai_rows(one)),
)
