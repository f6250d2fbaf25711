"""Several windows of one editor on one workspace, reloaded and closed, sealed as it was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from tests.support.bridge import (
    EMOJI,
    Client,
    at,
    bridge,
    records,
    saves,
    sessions,
    wait_for_records,
)
from tests.support.cli import signoff
from tests.support.deadline import deadline, wait_until

from signoff_collector.capture.journal.journal import RecordKind
from signoff_collector.episode.content import Episode
from signoff_collector.episode.file.reader import read_episode
from signoff_schemas.steps import OpenStep, SaveStep
from signoff_schemas.words import ActorClass

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("compiled_engine")]
CLIENT = {"name": "Visual Studio Code", "version": "1.100.0"}
HELLO = {"name": "signoff-vscode", "version": "0.1.0", "protocol": 1, "anchors": True}


def _begin(client: Client, pid: int) -> None:
    """Start as one window's extension host does."""
    client.initialize(processId=pid, clientInfo=CLIENT)
    client.notify("signoff/hello", HELLO)


def _change(client: Client, uri: str, version: int, reason: str, *changes: object) -> None:
    client.change(uri, version, *changes)
    told = {"uri": uri, "version": version, "reason": reason, "changes": len(changes)}
    client.notify("signoff/evidence", told)


def _write(client: Client, uri: str, file: Path, text: str) -> None:
    """Save as an editor does: the file first, then the message; wait until it is compared."""
    before = len(saves())
    file.write_bytes(text.encode())
    client.save(uri, text)
    wait_until(lambda: len(saves()) > before, "the save")


def _sealed(workspace: Path) -> Episode:
    done = signoff("seal", "--json", cwd=workspace)
    assert done.code == 0, done
    row: dict[str, Any] = json.loads(done.out.splitlines()[-1])
    return read_episode(Path(row["episode"]).read_bytes())


def _authors(episode: Episode) -> list[ActorClass]:
    from signoff_schemas.words import ACTOR_CLASSES

    return [ACTOR_CLASSES[edit.actor] for edit in episode.edits.edits()]


@pytest.fixture
def file(workspace: Path) -> Path:
    file = workspace / "a.py"
    file.write_bytes(f"a = '{EMOJI}'\n".encode())
    return file


def test_two_windows_on_one_file_are_two_buffers_and_every_save_agrees(
    workspace: Path, file: Path
) -> None:
    first_text = f"x{file.read_text()}"
    second_text = f"{first_text}y = 1\n"
    with bridge() as one, bridge() as two:
        _begin(one, 101)
        _begin(two, 102)
        uri = one.open(file)
        two.open(file)
        _change(one, uri, 2, "key", at(0, 0, 0, 0, "x"))
        _write(one, uri, file, first_text)
        _change(two, uri, 2, "external", at(0, 0, 0, 0, "x"))
        _change(two, uri, 3, "paste", at(1, 0, 1, 0, "y = 1\n"))
        _write(two, uri, file, second_text)
        _change(one, uri, 3, "external", at(1, 0, 1, 0, "y = 1\n"))
        wait_for_records(RecordKind.LSP, 6)
        one.quit()
        two.quit()
    episode = _sealed(workspace)
    check = episode.header.check
    assert (check.resyncs, check.blind_spans) == (0, 0)
    assert check.matched == check.checkpoints
    assert len(episode.header.editors) == 2
    assert {editor.name for editor in episode.header.editors} == {"Visual Studio Code"}
    assert sorted(_authors(episode)) == sorted(
        [ActorClass.TYPED, ActorClass.PASTED, ActorClass.EXTERNAL, ActorClass.EXTERNAL]
    )
    assert [step.matched for step in episode.steps if isinstance(step, SaveStep)] == [True, True]


def test_a_window_that_is_reloaded_goes_on_in_the_same_session(workspace: Path, file: Path) -> None:
    text = file.read_text()
    with bridge() as before:
        _begin(before, 101)
        uri = before.open(file)
        _change(before, uri, 2, "key", at(0, 0, 0, 0, "x"))
        wait_for_records(RecordKind.LSP, 2)
        before.process.kill()
        before.process.wait(deadline())
    with bridge() as after:
        _begin(after, 202)
        after.open(file, f"x{text}", version=1)  # hot exit: the editor kept the unsaved text
        _change(after, uri, 2, "key", at(0, 1, 0, 1, "y"))
        _write(after, uri, file, f"xy{text}")
        after.quit()
    assert len(sessions()) == 1
    episode = _sealed(workspace)
    assert episode.header.check.resyncs == 0
    opened = [step for step in episode.steps if isinstance(step, OpenStep)]
    assert len({step.buffer for step in opened}) == 2
    assert _authors(episode).count(ActorClass.TYPED) == 2
    assert [step.matched for step in episode.steps if isinstance(step, SaveStep)] == [True]


def test_an_extension_that_is_switched_off_ends_its_part_and_no_other(
    workspace: Path, file: Path
) -> None:
    text = file.read_text()
    with bridge() as one, bridge() as two:
        _begin(one, 101)
        _begin(two, 102)
        uri = one.open(file)
        two.open(file)
        _change(one, uri, 2, "key", at(0, 0, 0, 0, "x"))
        wait_for_records(RecordKind.LSP, 3)
        assert one.quit() == 0  # the client stops its server when the extension is disabled
        _change(two, uri, 2, "key", at(0, 0, 0, 0, "z"))
        _write(two, uri, file, f"z{text}")
        assert two.status()["recording"] is True
        two.quit()
    episode = _sealed(workspace)
    assert episode.header.check.resyncs == 0
    assert _authors(episode) == [ActorClass.TYPED, ActorClass.TYPED]
    assert not [record for record in records() if record.kind == RecordKind.SAVE][1:]


def test_format_on_save_and_several_changes_of_one_version_keep_their_authors(
    workspace: Path, file: Path
) -> None:
    with bridge() as client:
        _begin(client, 101)
        uri = client.open(file)
        _change(client, uri, 2, "key", at(1, 0, 1, 0, "b"), at(0, 0, 0, 0, "b"))
        _change(client, uri, 3, "formatter", at(0, 0, 0, 1, "c"), at(1, 0, 1, 1, "c"))
        _write(client, uri, file, f"ca = '{EMOJI}'\nc")
        _change(client, uri, 4, "inline_suggestion", at(1, 1, 1, 1, f" = {EMOJI!r}\n"))
        _change(client, uri, 5, "undo", at(1, 1, 2, 0, ""))
        client.change(uri, 6, at(0, 0, 0, 1, ""))
        # Written before it is read, it would be what another program wrote: nobody claims it.
        wait_for_records(RecordKind.LSP, 6)
        _write(client, uri, file, f"a = '{EMOJI}'\nc")
        client.quit()
    episode = _sealed(workspace)
    assert (episode.header.check.resyncs, episode.header.check.blind_spans) == (0, 0)
    assert _authors(episode) == [
        ActorClass.TYPED, ActorClass.TYPED, ActorClass.FORMATTER, ActorClass.FORMATTER,
        ActorClass.COMPLETION, ActorClass.UNDO, ActorClass.UNKNOWN,
    ]  # fmt: skip
    assert [step.matched for step in episode.steps if isinstance(step, SaveStep)] == [True, True]
