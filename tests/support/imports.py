"""What holds for every imported episode, and one recording of each format."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence

from signoff_collector.episode.content import Episode
from signoff_collector.episode.file.reader import read_episode
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.episode.moments.checking import check_replay
from signoff_collector.episode.moments.moments import Moments
from signoff_collector.imports.formats import Given, read_foreign
from signoff_schemas.steps import SaveStep

ASTRAL = "\U0001f642\U00010348"


def imported(format_name: str, content: bytes, **given: object) -> Episode:
    """Import a recording, write it, read it back, and check what must hold for any."""
    episode = read_foreign(format_name, Given(content=content, **given)).episode  # type: ignore[arg-type]
    again = read_episode(write_episode(episode))
    assert again.steps == episode.steps or "\\ud" in ascii(episode.steps)
    assert again.edits == episode.edits
    assert again.blobs == episode.blobs
    header = episode.header
    assert header.origin == "imported"
    assert header.imported is not None
    assert header.imported.format.startswith(format_name)
    assert header.imported.said
    assert header.observability
    assert [step.seq for step in episode.ordered()] == list(range(episode.step_count))
    assert (header.steps, header.edits) == (episode.step_count, len(episode.edits))
    report = check_replay(episode)
    assert not report.mismatches
    return episode


def disk_text(episode: Episode, path: str, seq: int | None = None) -> str | None:
    """Return what a file held on disk after a step; by default after the last."""
    content = Moments(episode).disk(path, episode.step_count if seq is None else seq)
    return content.decode() if isinstance(content, bytes) else content


def saves(episode: Episode, text: str) -> bool:
    """Say whether the last save wrote this text."""
    step = next(one for one in reversed(episode.steps) if isinstance(one, SaveStep))
    return step.text_sha256 == hashlib.sha256(text.encode()).hexdigest()


def lines(*records: object) -> bytes:
    """Return JSON lines."""
    return b"".join(json.dumps(one).encode() + b"\n" for one in records)


def zipped(files: Mapping[str, str | bytes]) -> bytes:
    """Return a zip file."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return held.getvalue()


def csv_text(names: Sequence[str], *rows: Sequence[object]) -> str:
    """Return CSV as other tools write it: every cell quoted."""
    cells = [[f'"{str(cell).replace(chr(34), chr(34) * 2)}"' for cell in row] for row in rows]
    return "\n".join((",".join(names), *map(",".join, cells), ""))


CROWD_1 = csv_text(
    ["Sequence", "Time", "File", "RangeOffset", "RangeLength", "Text", "Language", "Type"],
    [1, 0, "/home/ada/shop/cart.py", 0, 0, f"a = 1  # {ASTRAL}\\n", "python", "tab"],
    [2, 120, "/home/ada/shop/cart.py", 9 + 4, 0, "!", "python", "content"],
    [3, 300, "/home/ada/shop/cart.py", 0, 5, "", "python", "selection_mouse"],
    [4, 400, "TERMINAL", 0, 0, "pytest -q", "", "terminal_command"],
    [5, 500, "TERMINAL", 0, 0, "1 passed\\n", "", "terminal_output"],
).encode()
CROWD_2 = json.dumps(
    {
        "version": "2.0",
        "sessionId": "s",
        "startTime": 1_700_000_000_000,
        "events": [
            {
                "sequence": 1,
                "timestamp": 10,
                "type": "action",
                "action": {
                    "kind": "file_change",
                    "source": "agent",
                    "file": "cart.py",
                    "changeType": "create",
                    "diff": f"--- a/cart.py\n+++ b/cart.py\n@@ -0,0 +1,1 @@\n+a = 1  # {ASTRAL}\n",
                },
            },
            {
                "sequence": 2,
                "timestamp": 20,
                "type": "action",
                "action": {
                    "kind": "edit",
                    "source": "user",
                    "file": "cart.py",
                    "diff": {"rangeOffset": 13, "rangeLength": 0, "text": "!"},
                },
            },
            {
                "sequence": 3,
                "timestamp": 30,
                "type": "observation",
                "observation": {
                    "viewport": {"file": "cart.py", "startLine": 0, "endLine": 1, "content": ""},
                    "activeTerminal": None,
                },
            },
        ],
    }
).encode()
CAST_2 = lines(
    {"version": 2, "width": 80, "height": 24, "timestamp": 1_700_000_000, "command": "sh"},
    [0.25, "o", f"$ echo {ASTRAL}\r\n"],
    [0.5, "i", "x"],
    [1.0, "m", "here"],
    [1.5, "r", "90x30"],
    [2.0, "o", f"{ASTRAL}\r\n"],
)
CAST_3 = lines(
    {"version": 3, "term": {"cols": 80, "rows": 24}, "timestamp": 1_700_000_000, "title": "Demo"},
    [0.25, "o", f"$ echo {ASTRAL}\r\n"],
    [1.75, "o", f"{ASTRAL}\r\n"],
    [0.5, "x", "3"],
)
CAST_1 = json.dumps(
    {
        "version": 1,
        "width": 80,
        "height": 24,
        "duration": 2.0,
        "command": "sh",
        "stdout": [[0.25, f"$ echo {ASTRAL}\r\n"], [1.75, f"{ASTRAL}\r\n"]],
    },
    indent=1,
).encode()


def _claude(kind: str, at: int, content: object, **more: object) -> dict[str, object]:
    return {
        "type": kind,
        "uuid": f"u{at}",
        "timestamp": f"2025-01-02T03:04:{at:02d}.000Z",
        "cwd": "/home/ada/shop",
        "version": "2.1.0",
        "isSidechain": False,
        "message": {"role": kind, "model": "claude-x", "content": content},
        **more,
    }


CLAUDE = lines(
    {"type": "summary", "summary": "Fix the cart", "leafUuid": "u9"},
    _claude("user", 1, f"fix it {ASTRAL}"),
    _claude(
        "assistant",
        2,
        [
            {"type": "text", "text": "Looking."},
            {
                "type": "tool_use",
                "id": "t1",
                "name": "Write",
                "input": {"file_path": "/home/ada/shop/cart.py", "content": f"a = 1  # {ASTRAL}\n"},
            },
        ],
    ),
    _claude("user", 3, [{"type": "tool_result", "tool_use_id": "t1", "content": "ok"}]),
    _claude(
        "assistant",
        4,
        [
            {
                "type": "tool_use",
                "id": "t2",
                "name": "Edit",
                "input": {
                    "file_path": "/home/ada/shop/cart.py",
                    "old_string": "1",
                    "new_string": "2",
                },
            },
            {"type": "tool_use", "id": "t3", "name": "Bash", "input": {"command": "pytest"}},
        ],
    ),
    _claude("user", 5, [{"type": "tool_result", "tool_use_id": "t2", "content": "ok"}]),
    _claude(
        "user",
        6,
        [
            {
                "type": "tool_result",
                "tool_use_id": "t3",
                "is_error": True,
                "content": "Exit code 1\nno",
            }
        ],
        toolUseResult="Error: Exit code 1\nno",
    ),
)
_PATCH = f"""*** Begin Patch
*** Add File: cart.py
+a = 1  # {ASTRAL}
+b = 2
*** End Patch"""
_UPDATE = """*** Begin Patch
*** Update File: cart.py
@@
-b = 2
+b = 3
*** End Patch"""


def _codex(at: int, kind: str, **payload: object) -> dict[str, object]:
    return {"timestamp": f"2025-01-02T03:04:{at:02d}.000Z", "type": kind, "payload": payload}


CODEX = lines(
    _codex(0, "session_meta", id="x", cwd="/home/ada/shop", cli_version="0.65.0"),
    _codex(1, "turn_context", cwd="/home/ada/shop", model="gpt-x"),
    _codex(
        2,
        "response_item",
        type="message",
        role="user",
        content=[{"type": "input_text", "text": f"fix it {ASTRAL}"}],
    ),
    _codex(3, "event_msg", type="user_message", message="fix it"),
    _codex(
        4, "response_item", type="custom_tool_call", call_id="c1", name="apply_patch", input=_PATCH
    ),
    _codex(
        5,
        "response_item",
        type="custom_tool_call_output",
        call_id="c1",
        output=json.dumps({"output": "Success", "metadata": {"exit_code": 0}}),
    ),
    _codex(
        6,
        "response_item",
        type="function_call",
        call_id="c2",
        name="shell",
        arguments=json.dumps({"command": ["bash", "-lc", f"apply_patch <<'EOF'\n{_UPDATE}\nEOF"]}),
    ),
    _codex(
        7,
        "response_item",
        type="function_call_output",
        call_id="c2",
        output="Exit code: 0\nWall time: 0.25 seconds\nOutput:\nSuccess\n",
    ),
    _codex(
        8,
        "response_item",
        type="message",
        role="assistant",
        content=[{"type": "output_text", "text": "done"}],
    ),
)
ATIF = {
    "schema_version": "ATIF-v1.7",
    "session_id": "s-1",
    "agent": {"name": "mini", "version": "1", "model_name": "m", "extra": {"k": [1, None]}},
    "notes": "n",
    "extra": {"half": 0.1, "big": 1 << 60},
    "final_metrics": {"total_steps": 4, "total_cost_usd": 0.25},
    "steps": [
        {"step_id": 1, "source": "system", "message": "You help."},
        {
            "step_id": 2,
            "source": "user",
            "timestamp": "2025-01-02T03:04:05Z",
            "message": f"fix it {ASTRAL}",
        },
        {
            "step_id": 3,
            "source": "agent",
            "message": "",
            "reasoning_content": "hm",
            "tool_calls": [
                {
                    "tool_call_id": "a",
                    "function_name": "create",
                    "arguments": {"path": "cart.py", "file_text": f"a = 1  # {ASTRAL}\n"},
                },
                {
                    "tool_call_id": "b",
                    "function_name": "bash",
                    "arguments": {"command": "pytest -q", "n": 1.5},
                    "extra": {"x": "\ud83d"},
                },
            ],
            "observation": {
                "results": [
                    {"source_call_id": "a", "content": "ok"},
                    {"source_call_id": "b", "content": "1 failed", "extra": {"exit_code": 1}},
                ]
            },
            "metrics": {"prompt_tokens": 3},
        },
        {
            "step_id": 4,
            "source": "agent",
            "message": [{"type": "text", "text": "done"}],
            "llm_call_count": 0,
            "observation": {"results": [{"content": None}]},
        },
    ],
}
_EVENTS = [
    "EventID",
    "Order",
    "SubjectID",
    "ProblemID",
    "EventType",
    "CodeStateID",
    "ServerTimestamp",
    "TestID",
    "TestResult",
    "ProgramOutput",
    "CompileMessageData",
]
PROGSNAP = zipped(
    {
        "set/DatasetMetadata.csv": "Property,Value\nVersion,6\nCodeStateRepresentation,Table\n",
        "set/MainTable.csv": csv_text(
            _EVENTS,
            [1, 1, "ada", "p1", "Session.Start", "", "2018-11-02T08:22:58", "", "", "", ""],
            [2, 2, "ada", "p1", "File.Edit", "s1", "2018-11-02T08:22:59", "", "", "", ""],
            [3, 3, "ada", "p1", "File.Edit", "s2", "2018-11-02T08:23:00", "", "", "", ""],
            [4, 4, "ada", "p1", "Run.Program", "s2", "2018-11-02T08:23:01", "", "", "hi", ""],
            [5, 5, "ada", "p1", "Run.Test", "s2", "2018-11-02T08:23:02", "t1", "Fail", "", ""],
            [6, 6, "ada", "p1", "Compile.Error", "s2", "2018-11-02T08:23:03", "", "", "", "no ;"],
        ),
        "set/CodeStates/CodeStates.csv": csv_text(
            ["CodeStateID", "Code"],
            ["s1", f"a = 1  # {ASTRAL}\n"],
            ["s2", f"a = 2  # {ASTRAL}\n"],
        ),
    }
)
TRACE = json.dumps(
    {"startContent": ASTRAL, "txns": [{"time": 1_700_000_000, "patches": [[1, 0, "x"]]}]}
).encode()
SAMPLES: Mapping[str, Sequence[bytes]] = {
    "asciicast": (CAST_1, CAST_2, CAST_3),
    "atif": (json.dumps(ATIF).encode(),),
    "claude-code": (CLAUDE,),
    "codex": (CODEX,),
    "crowd-code": (CROWD_1, CROWD_2),
    "editing-trace": (TRACE,),
    "progsnap2": (PROGSNAP,),
}
