"""Recordings made from known texts: every state of the episode is the one that was made."""

from __future__ import annotations

import difflib
import json
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from tests.support.imports import ASTRAL, csv_text, disk_text, imported, lines, zipped

from signoff_collector.episode.content import Edit, Episode
from signoff_collector.episode.moments.moments import Moments
from signoff_collector.imports.patches import apply_unified, parse_codex_patch
from signoff_schemas.steps import CommandStep, FilesStep, NoteStep, OpenStep, ResyncStep

TEXTS = st.text(st.sampled_from(f"ab \n\r\t\"',é{ASTRAL}"), max_size=12)
LINES = st.lists(st.sampled_from(["a", "b", "", " c", f"{ASTRAL}", "-d", "+e"]), max_size=8)
CROWD = ["Sequence", "Time", "File", "RangeOffset", "RangeLength", "Text", "Language", "Type"]


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def _escaped(text: str) -> str:
    for plain, written in (("\r\n", "\\r\\n"), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        text = text.replace(plain, written)
    return text


@st.composite
def _typing(draw: st.DrawFn) -> list[tuple[str, int, int, str]]:
    """Draw edits of two files: name, start, deleted in code points, text; the first is whole."""
    states: dict[str, str] = {}
    made: list[tuple[str, int, int, str]] = []
    for _ in range(draw(st.integers(1, 12))):
        name = draw(st.sampled_from(["src/a.py", "b.txt"]))
        new = draw(TEXTS)
        if name not in states:
            start, deleted = 0, 0
        else:
            start = draw(st.integers(0, len(states[name])))
            deleted = draw(st.integers(0, len(states[name]) - start))
        old = states.get(name, "")
        states[name] = old[:start] + new + old[start + deleted :]
        made.append((name, start, deleted, new))
    return made


@given(_typing())
def test_every_text_of_a_recording_of_crowd_code_1_is_the_one_that_was_typed(
    typed: list[tuple[str, int, int, str]],
) -> None:
    states: dict[str, str] = {}
    rows: list[list[object]] = []
    expected: list[tuple[str, str]] = []
    for number, (name, start, deleted, text) in enumerate(typed):
        old = states.get(name)
        before = old or ""
        offset, length = _units(before[:start]), _units(before[start : start + deleted])
        kind = "tab" if old is None else "content"
        rows.append([number, number * 7, name, offset, length, _escaped(text), "", kind])
        states[name] = before[:start] + text + before[start + deleted :]
        expected.append((name, states[name]))
    episode = imported("crowd-code", csv_text(CROWD, *rows).encode())
    moments = Moments(episode)
    found = [
        (name, moments.buffer(name, 0, step.seq))
        for step in episode.ordered()
        for name in [episode.files[step.file] if isinstance(step, Edit) else step.path]
        if isinstance(step, Edit | OpenStep) and name is not None
    ]
    assert found == expected
    assert not [one for one in episode.header.imported.said if "left out" in one]  # type: ignore[union-attr]


def test_what_crowd_code_1_missed_is_said_and_put_right_at_the_next_snapshot() -> None:
    rows = [
        [1, 0, "a.py", 0, 0, f"{ASTRAL}x", "", "tab"],
        [2, 5, "a.py", 90, 0, "beyond", "", "content"],
        [3, 6, "a.py", 0, 0, "lost", "", "content"],
        [4, 9, "a.py", 0, 0, f"{ASTRAL}y", "", "tab"],
        [5, 12, "a.py", 4, 1, "z", "", "content"],
        [6, 13, "new.py", 0, 0, "before any snapshot", "", "content"],
    ]
    episode = imported("crowd-code", csv_text(CROWD, *rows).encode())
    assert Moments(episode).buffer("a.py", 0, episode.step_count) == f"{ASTRAL}z"
    assert [one.reason for one in episode.steps if isinstance(one, ResyncStep)] == ["missed_change"]
    assert [one.count for one in episode.steps if one.kind == "gap"] == [1, 1, 1]  # type: ignore[union-attr]
    said = " ".join(episode.header.imported.said)  # type: ignore[union-attr]
    assert "edits left out, since they do not fit the text that is known: 3" in said
    assert "snapshots that differ" in said


def _created(text: str) -> str:
    """Return the diff that crowd-code 2 writes for a file that came into being."""
    return "\n".join(
        line.removesuffix("\n") + ("" if line.endswith("\n") else "\n\\ No newline at end of file")
        for line in difflib.unified_diff([], text.splitlines(keepends=True), "a", "b")
    )


@given(_typing())
def test_every_text_of_a_recording_of_crowd_code_2_is_the_one_that_was_typed(
    typed: list[tuple[str, int, int, str]],
) -> None:
    states: dict[str, str] = {}
    events: list[object] = []
    expected: list[str] = []
    for number, (name, start, deleted, text) in enumerate(typed):
        old = states.get(name)
        if old is None:
            states[name] = text.replace("\r", "")
            diff: object = _created(states[name]) or None
            action = {"kind": "file_change", "changeType": "create", "diff": diff}
        else:
            offset, length = _units(old[:start]), _units(old[start : start + deleted])
            states[name] = old[:start] + text + old[start + deleted :]
            expected.append(states[name])
            action = {
                "kind": "edit",
                "diff": {"rangeOffset": offset, "rangeLength": length, "text": text},
            }
        told = {"source": "user", "file": name, **action}
        events.append({"timestamp": number, "type": "action", "action": told})
        # Its own offsets are of the text as crowd-code saw it.
        if old is None and states[name] != text:
            return
    content = json.dumps({"version": "2.0", "startTime": 1, "events": events}).encode()
    episode = imported("crowd-code", content)
    moments = Moments(episode)
    found = [moments.buffer(episode.files[one.file], 0, one.seq) for one in episode.edits.edits()]
    assert found == expected


@given(LINES, LINES, st.booleans(), st.booleans())
def test_a_unified_diff_gives_the_text_that_it_was_made_of(
    old: list[str],
    new: list[str],
    ends_old: bool,
    ends_new: bool,
) -> None:
    before, after = ("\n".join(one) + ("\n" if ends and one else "")
                     for one, ends in ((old, ends_old), (new, ends_new)))  # fmt: skip
    made = difflib.unified_diff(before.splitlines(True), after.splitlines(True), "a", "b")
    diff = "\n".join(
        line.removesuffix("\n") + ("" if line.endswith("\n") else "\n\\ No newline at end of file")
        for line in made
    )
    if before != after:
        assert apply_unified(before, diff) == after
        assert apply_unified(f"{before}\n\nother", diff) != after
    assert apply_unified(before, "no diff at all") is None


@given(LINES, LINES)
def test_a_codex_patch_gives_the_text_that_it_was_made_of(old: list[str], new: list[str]) -> None:
    unique = [f"{number}{line}" for number, line in enumerate(old)]
    kept = [f"{number}{line}" for number, line in enumerate(new)]
    body = ["@@"]
    for tag, low, high, from_, to in difflib.SequenceMatcher(a=unique, b=kept).get_opcodes():
        if tag == "equal":
            body += [f" {line}" for line in unique[low:high]]
        else:
            body += [f"-{line}" for line in unique[low:high]]
            body += [f"+{line}" for line in kept[from_:to]]
    patch = "\n".join(["*** Begin Patch", "*** Update File: a.py", *body, "*** End Patch"])
    parsed = parse_codex_patch(patch)
    assert parsed is not None
    assert parsed[0].applied("".join(f"{line}\n" for line in unique)) == (
        "".join(f"{line}\n" for line in kept)
    )
    assert unique == [] or parsed[0].applied("something else\n") is None


@st.composite
def _writes(draw: st.DrawFn) -> list[tuple[str, dict[str, object], str]]:
    """Draw calls of Claude Code's tools that succeed, and the text after each."""
    states: dict[str, str] = {}
    made: list[tuple[str, dict[str, object], str]] = []
    for _ in range(draw(st.integers(1, 8))):
        name = draw(st.sampled_from(["/w/a.py", "/w/b/c.py"]))
        text = states.get(name)
        if text is None or draw(st.booleans()):
            states[name] = draw(TEXTS)
            made.append(("Write", {"file_path": name, "content": states[name]}, states[name]))
            continue
        low = draw(st.integers(0, len(text)))
        old = text[low : low + draw(st.integers(1, 4))]
        if not old or text.count(old) != 1:
            continue
        new = draw(TEXTS)
        states[name] = text.replace(old, new)
        call = {"file_path": name, "old_string": old, "new_string": new}
        made.append(("Edit", call, states[name]))
    return made


def _claude(calls: list[tuple[str, dict[str, object], str]]) -> bytes:
    records: list[object] = []
    for number, (name, told, _) in enumerate(calls):
        use = {"type": "tool_use", "id": f"t{number}", "name": name, "input": told}
        got = {"type": "tool_result", "tool_use_id": f"t{number}", "content": "ok"}
        for kind, block in (("assistant", use), ("user", got)):
            message = {"role": kind, "content": [block]}
            records.append({"type": kind, "cwd": "/w", "message": message})
    return lines(*records)


def _written(episode: Episode) -> list[str | None]:
    return [
        disk_text(episode, step.changed[0].path, step.seq)
        for step in episode.steps
        if isinstance(step, FilesStep)
    ]


@given(_writes())
def test_every_file_that_claude_code_wrote_holds_what_was_written(
    calls: list[tuple[str, dict[str, object], str]],
) -> None:
    episode = imported("claude-code", _claude(calls))
    assert _written(episode) == [text for _, _, text in calls]
    assert not [one for one in episode.header.imported.said if "not known:" in one]  # type: ignore[union-attr]


def test_a_text_before_the_first_edit_comes_from_the_result_or_is_said_to_be_unknown() -> None:
    edit = {"file_path": "/w/a.py", "old_string": "1", "new_string": "2"}
    content = _claude([("Edit", edit, "")])
    unknown = imported("claude-code", content)
    assert disk_text(unknown, "a.py") is None
    assert "writes whose resulting text is not known: 1" in unknown.header.imported.said  # type: ignore[union-attr]
    told = {"filePath": "/w/a.py", "originalFile": f"a = 1 {ASTRAL}\n"}
    records = [json.loads(one) for one in content.splitlines()]
    records[1]["toolUseResult"] = told
    known = imported("claude-code", lines(*records))
    assert _written(known) == [f"a = 1 {ASTRAL}\n", f"a = 2 {ASTRAL}\n"]


def test_an_edit_that_the_person_changed_first_is_not_taken_for_the_agents() -> None:
    content = _claude([("Write", {"file_path": "/w/a.py", "content": ASTRAL}, ASTRAL)])
    records = [json.loads(one) for one in content.splitlines()]
    records[1]["toolUseResult"] = {"filePath": "/w/a.py", "userModified": True}
    episode = imported("claude-code", lines(*records))
    assert disk_text(episode, "a.py") is None
    assert "writes whose resulting text is not known: 1" in episode.header.imported.said  # type: ignore[union-attr]


def test_a_tool_that_searches_for_a_text_writes_nothing() -> None:
    content = _claude([("FindText", {"path": "/w/a.py", "text": ASTRAL}, "")])
    episode = imported("claude-code", content)
    assert not [one for one in episode.steps if isinstance(one, FilesStep)]


def test_a_failed_call_and_a_subagent_are_told_for_what_they_are() -> None:
    content = _claude([("Write", {"file_path": "/w/a.py", "content": ASTRAL}, ASTRAL)])
    records = [json.loads(one) for one in content.splitlines()]
    records[1]["message"]["content"][0]["is_error"] = True
    for one in records:
        one["isSidechain"] = True
    episode = imported("claude-code", lines(*records, {"type": "new-kind"}) + b'{"type": "us')
    assert disk_text(episode, "a.py") is None
    assert {one.tool for one in episode.steps if one.kind == "agent"} == {  # type: ignore[union-attr]
        "claude-code (subagent)"
    }
    said = episode.header.imported.said  # type: ignore[union-attr]
    assert "records of an unknown kind left out: 1" in said
    assert "torn lines at the end left out: 1" in said


@given(st.lists(TEXTS, min_size=1, max_size=8), st.booleans())
def test_every_state_of_a_progsnap2_data_set_is_the_one_that_it_holds(
    texts: list[str],
    is_table: bool,
) -> None:
    names = ["SubjectID", "EventType", "CodeStateID", "ServerTimestamp", "Order"]
    rows = [
        ["ada", "Run.Program", number, f"2018-11-02T08:22:{number:02d}", number]
        for number in range(len(texts))
    ]
    rows.insert(1, ["bob", "Run.Program", 0, "2018-11-02T08:22:00", 99])
    files: dict[str, str | bytes] = {"MainTable.csv": csv_text(names, *reversed(rows))}
    if is_table:
        states = csv_text(["CodeStateID", "Code"], *enumerate(texts))
        files["CodeStates/CodeStates.csv"] = states
    else:
        files |= {f"CodeStates/{number}/code.txt": text.encode()
                  for number, text in enumerate(texts)}  # fmt: skip
    episode = imported("progsnap2", zipped(files), subject="ada")
    runs = [one for one in episode.steps if isinstance(one, CommandStep)]
    assert [disk_text(episode, "code.txt", one.seq) for one in runs] == texts
    assert len(episode.edits) == sum(one != other for one, other in pairwise(texts))


@given(st.lists(st.tuples(st.integers(0, 5000), st.sampled_from("oimr"), TEXTS), max_size=8))
def test_a_terminal_shows_what_it_showed_in_each_version(
    events: list[tuple[int, str, str]],
) -> None:
    now, absolute = 0, []
    for delay, code, data in events:
        now += delay
        absolute.append([now / 1000, code, data])
    relative = [[delay / 1000, code, data] for delay, code, data in events]
    shown = "".join(data for _, code, data in events if code == "o")
    last = {1: sum(delay for delay, _, _ in events), 2: now, 3: now}
    frames = [[delay / 1000, data if code == "o" else ""] for delay, code, data in events]
    casts = {
        1: json.dumps({"version": 1, "stdout": frames}).encode(),
        2: lines({"version": 2}, *absolute),
        3: lines({"version": 3, "term": {}}, *relative) + b"# a remark\n",
    }
    for version, content in casts.items():
        episode = imported("asciicast", content)
        [command] = [one for one in episode.steps if isinstance(one, CommandStep)]
        assert command.output is not None
        assert command.output.head == shown
        assert command.duration_ns == last[version] * 1_000_000
        assert command.t_ns == last[version] * 1_000_000
        marks = sum(code == "m" for _, code, _ in events)
        notes = [one for one in episode.steps if isinstance(one, NoteStep)]
        assert version == 1 or sum(not one.text.startswith("typed: ") for one in notes) == marks
