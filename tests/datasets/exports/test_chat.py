"""Chats: who says what, with what weight, and where they are cut."""

from __future__ import annotations

import json
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import cast

import pytest
from tests.datasets.actions.test_trace import OPENED, episode_of, opened
from tests.support.episodes import ASTRAL, edit
from tests.support.imports import CLAUDE, SAMPLES, imported

from signoff_collector.episode.content import Episode
from signoff_datasets.exports import chat
from signoff_datasets.exports.formats import load_format
from signoff_datasets.exports.interface import Source

Row = dict[str, list[dict[str, object]]]


def worked() -> Episode:
    """Return an episode of a task, a typed line, a failing run of nobody, a foreign change."""
    output = {"head": f"1 failed {ASTRAL}\n", "tail": "", "middle_bytes": 0}
    rows: list[dict[str, object]] = [
        {"kind": "task", "seq": 0, "text": f"mend it {ASTRAL}", "stated": "before_first_edit"},
        opened(1),
        {"kind": "save", "seq": 3},
        {"kind": "command", "seq": 4, "line": "pytest -q", "exit_code": 1, "output": output},
        {"kind": "note", "seq": 5, "text": "it was the sign"},
        {"kind": "files", "seq": 6, "changed": [{"path": "a.txt", "blob": 1}]},
    ]
    return episode_of(rows, edit(2, 0, 3, "won"), blobs=(b"other\n",))


def noted_afterwards() -> Episode:
    """Return the same, with the note written in the review."""
    plain = worked()
    steps = tuple(
        step.model_copy(update={"stated": "review"}) if step.kind == "note" else step
        for step in plain.steps
    )
    return replace(plain, steps=steps)


def rows(name: str, episode: Episode) -> list[Row]:
    source = Source(episode=episode, sha256="a" * 64, statement_sha256="b" * 64, licence="MIT")
    (file,) = load_format(name).write(source)
    assert file.content.isascii()
    found = [json.loads(line) for line in file.content.splitlines()]
    assert len(found) == file.records
    return found


def test_a_note_of_the_review_is_no_completion_and_says_that_it_came_afterwards() -> None:
    found = rows("chat", noted_afterwards())
    assert [row["completion"][0]["content"] for row in found] == [""]
    for name in ("openai", "transcript"):
        said = json.dumps(rows(name, noted_afterwards()))
        assert said.count("[written afterwards] it was the sign") == 1
        assert "[written afterwards]" not in json.dumps(rows(name, worked()))
    (part,) = rows("openai", noted_afterwards())
    (note,) = [one for one in part["messages"] if "it was the sign" in str(one["content"])]
    assert note["weight"] == 0


def test_only_what_is_to_be_learnt_is_a_completion() -> None:
    found = rows("chat", worked())
    said = [row["completion"][0] for row in found]
    assert [one["role"] for one in said] == ["assistant", "assistant"]
    (call,) = cast("list[dict[str, dict[str, object]]]", said[0]["tool_calls"])
    assert call["function"]["name"] == "str_replace"
    assert call["function"]["arguments"] == {
        "path": "a.txt", "old_str": f"one {ASTRAL}\n", "new_str": f"won {ASTRAL}\n"
    }  # fmt: skip
    assert said[1]["content"] == "it was the sign"
    assert [one["role"] for one in found[1]["prompt"]] == [
        "system", "user", "assistant", "tool", "assistant", "tool", "assistant", "tool"
    ]  # fmt: skip
    assert found[0]["prompt"][1]["content"] == f"mend it {ASTRAL}"


def test_every_record_says_where_it_comes_from() -> None:
    (first, _) = rows("chat", worked())
    told = {name: first[name] for name in ("episode_sha256", "seq", "statement_sha256", "licence")}
    assert told == {
        "episode_sha256": "a" * 64, "seq": [2, 2], "statement_sha256": "b" * 64, "licence": "MIT"
    }  # fmt: skip
    (whole,) = rows("openai", worked())
    assert {type(one) for one in cast("dict[str, object]", whole["metadata"]).values()} == {str}


def test_arguments_are_strings_and_weights_whole_numbers_in_the_other_flavour() -> None:
    (row,) = rows("openai", worked())
    assistants = [one for one in row["messages"] if one["role"] == "assistant"]
    assert [one["weight"] for one in assistants] == [0, 1, 0, 1]
    calls = cast("list[dict[str, dict[str, str]]]", assistants[1]["tool_calls"])
    arguments = calls[0]["function"]["arguments"]
    assert json.loads(arguments)["new_str"] == f"won {ASTRAL}\n"
    assert row["messages"][-1] == {
        "role": "user", "content": "[files changed by nobody that is known: a.txt]"
    }  # fmt: skip


def test_no_argument_is_null() -> None:
    for name in ("chat", "openai"):
        assert "null" not in json.dumps(rows(name, worked()))


def test_what_is_no_completion_is_counted_with_its_reason() -> None:
    (file,) = load_format("chat").write(Source(episode=worked(), sha256="a" * 64))
    assert file.notes == (
        "no completion, only seen: 1 command (author unknown), 1 edit (author unknown)"
        " (docs/exports.md)",
    )


def test_keys_and_marks_of_a_terminal_are_nobodys_words() -> None:
    episode = imported("asciicast", SAMPLES["asciicast"][-1])
    assert rows("chat", episode) == []
    (whole,) = rows("openai", episode)
    assert {one["weight"] for one in whole["messages"] if one["role"] == "assistant"} == {0}
    metadata = cast("dict[str, str]", whole["metadata"])
    assert json.loads(metadata["imported"]) == {"format": "asciicast"}


@pytest.mark.parametrize("name", ["openai", "transcript"])
def test_the_task_of_an_agent_is_said_once(name: str) -> None:
    (whole,) = rows(name, imported("claude-code", CLAUDE))
    assert json.dumps(whole["messages"], ensure_ascii=False).count(f"fix it {ASTRAL}") == 1


def test_a_placeholder_is_no_commit() -> None:
    episode = worked()
    base = episode.header.base.model_copy(update={"commit": "REDACTED_SECRET_2"})
    masks = {"REDACTED_SECRET_2": "opaque"}
    hidden = episode.header.model_copy(update={"base": base, "masks": masks})
    (whole,) = rows("transcript", replace(episode, header=hidden))
    assert "base_commit" not in whole
    plain = episode.header.model_copy(update={"base": base})
    (whole,) = rows("transcript", replace(episode, header=plain))
    assert whole["base_commit"] == "REDACTED_SECRET_2"


def test_a_transcript_shows_what_its_line_prints_and_the_ending_behind_it(tmp_path: Path) -> None:
    (whole,) = rows("transcript", worked())
    steps = cast("list[dict[str, str]]", whole["steps"])
    (look,) = [one["bash"] for one in steps if one["kind"] == "look"]
    (tmp_path / "a.txt").write_bytes(OPENED.encode())
    done = subprocess.run(["bash", "-c", look], cwd=tmp_path, capture_output=True, check=True)
    said = "".join(f"{one['content']}\n" for one in whole["messages"])
    assert f"<stdout>\n{done.stdout.decode()}" in said
    assert f"1 failed {ASTRAL}\n</stdout>\n[exit 1]" in said


def test_a_long_conversation_is_cut_and_says_what_was_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat, "MOST_MESSAGES", 60)
    first, second, *_ = rows("openai", worked())
    assert f"mend it {ASTRAL}" in str(first["messages"][1]["content"])
    said = str(second["messages"][1]["content"])
    assert said.startswith(f"mend it {ASTRAL}\n\n[earlier steps are left out")
    assert f"a.txt:\nwon {ASTRAL}" in said
    calls = [one for row in (first, second) for one in row["messages"] if "tool_calls" in one]
    results = [one for row in (first, second) for one in row["messages"] if one["role"] == "tool"]
    assert len(calls) == len(results)
