"""The list of what was written down last, what takes from it, and what a companion is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from tests.support.bridge import (
    EMOJI,
    Client,
    anchors,
    at,
    bridge,
    enable,
    folded,
    holding,
    records,
    sessions,
    wait_for_records,
)
from tests.support.deadline import wait_until
from tests.support.history import live_session, typed
from tests.support.seal_sessions import signoff

from signoff_collector.capture.journal.journal import RecordKind
from signoff_collector.capture.sessions.sessions import end_session
from signoff_collector.own_files.home import resolve_home
from signoff_collector.system.clock import SystemClock
from signoff_collector.text.positions import Encoding

pytestmark = pytest.mark.slow

MOST = 510
"""More than two pages."""


def _captured(client: Client, **params: object) -> dict[str, Any]:
    """Return the answer without what the file watcher tells of itself, sooner or later."""
    answer: dict[str, Any] = client.ask("signoff/captured", params)["result"]
    items: list[dict[str, Any]] = answer["items"]
    answer["items"] = [one for one in items if one["kind"] != "environment"]
    return answer


def _command(client: Client, name: str, *arguments: object) -> dict[str, Any]:
    params = {"command": f"signoff.{name}", "arguments": list(arguments)}
    answer: dict[str, Any] = client.ask("workspace/executeCommand", params)["result"]
    return answer


def _listed(client: Client, count: int) -> list[dict[str, Any]]:
    wait_until(lambda: len(_captured(client)["items"]) >= count, f"{count} entries")
    items: list[dict[str, Any]] = _captured(client)["items"]
    return items


@pytest.fixture
def file(workspace: Path) -> Path:
    file = workspace / "a 😀𝄞.py"
    file.write_text("a\n")
    return file


def test_what_goes_on_in_a_file_is_one_entry_newest_first(workspace: Path, file: Path) -> None:
    with bridge() as client:
        client.initialize()
        uri = client.open(file)
        for version in range(2, 7):
            client.change(uri, version, at(0, 0, 0, 0, EMOJI))
            client.notify("signoff/evidence", {"uri": uri, "version": version, "reason": "key"})
            client.notify("signoff/select", {"uri": uri, "version": version, "selections": []})
        _command(client, "note", f"one\nline {EMOJI}")
        items = _listed(client, 4)
        client.quit()
    assert [(item["kind"], item["count"]) for item in items] == [
        ("note", 1), ("looking", 5), ("edit", 5), ("open", 1),
    ]  # fmt: skip
    assert [item["label"] for item in items] == [
        f"note: one line {EMOJI}",
        "looked around: 5 cursor moves",
        f"5 edits in {file.name}",
        f"opened {file.name}",
    ]
    assert {item["root"] for item in items} == {str(workspace)}
    assert items[2]["path"] == file.name
    assert all(int(item["from"]) <= int(item["to"]) for item in items)


def test_the_list_is_the_whole_session_and_can_be_read_on(workspace: Path) -> None:
    with bridge() as client:
        client.initialize()
        client.open(workspace / "a.py", EMOJI)
        for number in range(MOST):
            _command(client, "note", f"note {number} {EMOJI}")
        wait_for_records(RecordKind.STEP, MOST)
        seen: list[str] = []
        before: dict[str, str] = {}
        while True:
            answer = _captured(client, limit=200, **before)
            seen += [item["label"] for item in answer["items"]]
            if not answer["has_more"]:
                break
            before = {"before": answer["items"][-1]["id"]}
        assert _captured(client, before="nonsense")["items"] == []
        assert len(_captured(client, limit=0)["items"]) <= 1
        assert len(_captured(client, limit="x")["items"]) in (49, 50)
        client.quit()
    numbers = range(MOST - 1, -1, -1)
    assert seen == [*(f"note: note {number} {EMOJI}" for number in numbers), "opened a.py"]


def test_labels_hold_no_value_and_no_text_of_a_document(workspace: Path, file: Path) -> None:
    value = "hunter2" * 3
    with bridge(DEPLOY_TOKEN=value) as client:
        client.initialize()
        uri = client.open(file)
        client.change(uri, 2, at(0, 0, 0, 0, "typed text"))
        client.notify("signoff/search", {"uri": uri, "query": "sought text", "scope": "file"})
        _command(client, "note", f"it is {value}")
        items = _listed(client, 4)
        client.quit()
    said = " ".join(item["label"] for item in items)
    assert "REDACTED_VALUE" in said
    assert not [word for word in ("hunter2", "typed", "sought") if word in said]


def test_an_entry_is_forgotten_and_nothing_besides(workspace: Path, file: Path) -> None:
    with bridge() as client:
        client.initialize()
        uri = client.open(file)
        _command(client, "note", f"before {EMOJI}")
        _command(client, "note", f"wrong {EMOJI}")
        _command(client, "note", f"after {EMOJI}")
        items = _listed(client, 4)
        wrong = next(item for item in items if "wrong" in item["label"])
        done = _command(client, "forget", {name: wrong[name] for name in ("session", "from", "to")})
        assert (done["records"], done["sessions"], done["waiting"]) == (1, 1, [])
        kept = [item["label"] for item in _captured(client)["items"]]
        assert not [label for label in kept if "wrong" in label]
        assert len([label for label in kept if "note" in label]) == 2
        client.change(uri, 2, at(0, 0, 0, 0, EMOJI))
        wait_for_records(RecordKind.LSP, 2)
        client.quit()
    assert not holding(sessions()[0].folder, b"wrong")
    notes = [step.fields["text"] for step in records(RecordKind.STEP)]
    assert [text for text in notes if text] == [f"before {EMOJI}", f"after {EMOJI}"]
    assert folded(uri, Encoding.UTF16) == f"{EMOJI}a\n"


def test_where_an_open_document_is_forgotten_recording_begins_from_its_text_now(
    workspace: Path, file: Path
) -> None:
    with bridge() as client:
        client.initialize()
        uri = client.open(file)
        (opened,) = _listed(client, 1)
        _command(client, "forget", {name: opened[name] for name in ("session", "from", "to")})
        wait_until(anchors, "the anchor")
        (item,) = _listed(client, 1)
        assert (item["kind"], item["label"]) == ("anchor", f"began from the text of {file.name}")
        assert item["id"] != opened["id"]
        client.change(uri, 2, at(0, 0, 0, 0, EMOJI))
        wait_for_records(RecordKind.LSP, 1)
        client.quit()
    assert folded(uri, Encoding.UTF16) == f"{EMOJI}a\n"


def test_the_last_minutes_are_forgotten_in_the_workspaces_of_this_editor(
    workspace: Path, file: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other"
    other.mkdir()
    enable(other)
    with bridge() as client, bridge() as elsewhere:
        for one in (client, elsewhere):
            one.initialize()
        uri = client.open(file)
        elsewhere.open(other / "b.py", EMOJI)
        client.change(uri, 2, at(0, 0, 0, 0, f"wrong {EMOJI}"))
        _listed(client, 2)
        _listed(elsewhere, 1)
        done = _command(client, "forget", {"minutes": 5})
        assert (done["sessions"], done["waiting"]) == (1, [])
        wait_until(anchors, "the anchor")
        assert len(_captured(elsewhere)["items"]) == 1
        client.quit()
        elsewhere.quit()
    assert folded(uri, Encoding.UTF16) == f"wrong {EMOJI}a\n"  # it still stands in the buffer


@pytest.mark.parametrize(
    "argument",
    [None, {}, {"minutes": 0}, {"minutes": 1e3}, {"minutes": 100_000}, {"session": "x"},
     {"session": "x", "from": "9", "to": "1"}, {"session": "x", "from": 1, "to": 2}],
    ids=str,
)  # fmt: skip
def test_nonsense_erases_nothing(workspace: Path, file: Path, argument: object) -> None:
    with bridge() as client:
        client.initialize()
        client.open(file)
        _listed(client, 1)
        assert "error" in _command(client, "forget", *([] if argument is None else [argument]))
        assert len(_captured(client)["items"]) == 1
        client.quit()


def test_private_is_a_pause_that_says_so(workspace: Path, file: Path) -> None:
    with bridge() as client:
        client.initialize()
        client.open(file)
        _listed(client, 1)
        row = _command(client, "private", 10)["workspaces"][0]
        assert (row["state"], row["pause"]) == ("paused", "private")
        assert row["paused_until_ms"] > 1_700_000_000_000
        row = _command(client, "resume")["workspaces"][0]
        assert row["state"] == "recording"
        assert "pause" not in row
        client.quit()
    lines = [line for line in sessions()[0].control_lines() if line.verb == "pause"]
    assert [line.fields["reason"] for line in lines] == ["private"]


def _told(client: Client) -> list[dict[str, Any]]:
    found = [
        message for message in list(client.messages) if message.get("method") == "signoff/state"
    ]
    return [message["params"] for message in found]


def test_new_counts_are_told_to_a_companion_that_asked_for_them(
    workspace: Path, file: Path
) -> None:
    hello = {"name": "test", "version": "1", "protocol": 1, "anchors": False, "counts": True}
    with bridge() as client:
        client.initialize()
        client.notify("signoff/hello", hello)
        uri = client.open(file)
        for edits in (1, 2):
            client.change(uri, edits + 1, at(0, 0, 0, 0, EMOJI))
            wait_until(
                lambda wanted=edits: [s for s in _told(client) if s["steps"].get("edit") == wanted],
                "the counts",
            )
        client.quit()


def test_what_another_program_sealed_is_told_to_a_companion_that_asked(
    workspace: Path, file: Path, tmp_path: Path
) -> None:
    hello = {"name": "test", "version": "1", "protocol": 1, "anchors": False, "counts": True}
    other = tmp_path / f"other {EMOJI}"
    session = live_session(other, typed(other, "a.py", EMOJI))
    with bridge() as client:
        client.initialize()
        client.notify("signoff/hello", hello)
        client.open(file)
        _listed(client, 1)
        before = _command(client, "pause", 10)["listed"]  # no new counts from here on
        session.ask("stop", clock=SystemClock())
        end_session(resolve_home(), session)
        assert signoff("seal", session.id, cwd=other).returncode == 0
        wait_until(lambda: _told(client)[-1]["listed"] != before, "the new listing")
        client.quit()
