"""Run where `openai` is: one JSON line for each file of fine-tuning records, with its errors.

The shapes are the package's own types; that a call is answered before anything else is said is the
rule of its API.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import get_type_hints

from openai.types.chat import (
    ChatCompletionAssistantMessageParam,
    ChatCompletionFunctionToolParam,
    ChatCompletionSystemMessageParam,
    ChatCompletionToolMessageParam,
    ChatCompletionUserMessageParam,
)
from pydantic import TypeAdapter

ROLES = {
    "assistant": ChatCompletionAssistantMessageParam,
    "system": ChatCompletionSystemMessageParam,
    "tool": ChatCompletionToolMessageParam,
    "user": ChatCompletionUserMessageParam,
}
ADAPTERS = {role: TypeAdapter(shape) for role, shape in ROLES.items()}
TOOL = TypeAdapter(ChatCompletionFunctionToolParam)


def errors_of(record: dict) -> list[str]:
    found = []
    asked: list[str] = []
    for place, message in enumerate(record.get("messages") or [{}]):
        role = message.get("role")
        if role not in ROLES:
            found.append(f"message {place} is of {role!r}")
            continue
        weight = message.get("weight")
        if "weight" in message and (role != "assistant" or type(weight) is not int):
            found.append(f"message {place} has the weight {weight!r}")
        plain = {name: value for name, value in message.items() if name != "weight"}
        unknown = set(plain) - set(get_type_hints(ROLES[role]))
        if unknown:
            found.append(f"message {place} has {sorted(unknown)}")
        try:
            list(ADAPTERS[role].validate_python(plain, strict=True).get("tool_calls") or ())
        except ValueError as error:
            found.append(f"message {place}: {str(error)[:300]}")
        if role == "tool":
            if message.get("tool_call_id") not in asked:
                found.append(f"message {place} answers no call")
            else:
                asked.remove(message["tool_call_id"])
        elif asked:
            found.append(f"message {place} comes before the answer to {asked}")
        asked += [call["id"] for call in message.get("tool_calls", ())]
    for tool in record.get("tools", ()):
        try:
            TOOL.validate_python(tool)
        except ValueError as error:
            found.append(f"a tool: {str(error)[:300]}")
    return found + [f"{one} is not answered" for one in asked]


for name in sys.argv[1:]:
    lines = Path(name).read_text("utf-8").splitlines()
    told = [one for line in lines for one in errors_of(json.loads(line))]
    print(json.dumps({"path": name, "records": len(lines), "errors": told}))  # noqa: T201
