"""What is said of the folders that an editor shows, before a file of them is open."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.bridge import EMOJI, Client, bridge, disable, enable, lsp_records, sessions
from tests.support.deadline import wait_until


def folders(*paths: Path) -> list[dict[str, str]]:
    """Return paths as LSP `WorkspaceFolder`s."""
    return [{"uri": path.as_uri(), "name": path.name} for path in paths]


def states(client: Client, *, is_asked: bool = False) -> dict[str, str]:
    """Return the state of each workspace by its root; asked for as a companion may, or as told."""
    answer: dict[str, Any] = client.status()
    if is_asked:
        command = {"command": "signoff.status", "arguments": []}
        answer = client.ask("workspace/executeCommand", command)["result"]
    return {row["root"]: row["state"] for row in answer["workspaces"]}


def test_a_folder_that_is_shown_is_known_before_a_file_is_open(workspace: Path) -> None:
    with bridge() as client:
        client.initialize(workspaceFolders=folders(workspace))
        client.notify("signoff/hello", {"name": "vscode", "version": "1", "protocol": 1})
        assert states(client) == {str(workspace): "recording"}
        client.notify("signoff/focus", {"gained": True, "to": "terminal"})
        assert client.status()["workspaces"][0]["session"] is None
        client.quit()
    assert sessions() == []


def test_an_opt_in_counts_at_once_and_ends_at_once_without_a_file(
    tmp_path: Path, workspace: Path
) -> None:
    later = tmp_path / f"later {EMOJI}"
    later.mkdir()
    disable(workspace)
    with bridge() as client:
        client.initialize(workspaceFolders=folders(workspace, later))
        assert states(client) == {}
        enable(later)
        assert states(client, is_asked=True) == {str(later): "recording"}
        disable(later)
        assert states(client, is_asked=True) == {}
        client.quit()


def test_folders_come_and_go_with_the_window(tmp_path: Path, workspace: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    with bridge() as client:
        client.initialize(rootUri=other.as_uri())
        assert states(client) == {}
        event = {"added": folders(workspace), "removed": folders(other)}
        client.notify("workspace/didChangeWorkspaceFolders", {"event": event})
        wait_until(lambda: states(client) == {str(workspace): "recording"}, "the new folder")
        enable(other)
        assert states(client, is_asked=True) == {str(workspace): "recording"}
        for strange in ({}, {"event": 1}, {"event": {"added": [1, {"uri": 2}]}}, []):
            client.notify("workspace/didChangeWorkspaceFolders", strange)
        assert states(client) == {str(workspace): "recording"}
        client.quit()


def test_a_note_in_a_shown_folder_is_kept(workspace: Path) -> None:
    with bridge() as client:
        client.initialize(workspaceFolders=folders(workspace))
        note = {"command": "signoff.note", "arguments": [f"no file is open {EMOJI}"]}
        client.ask("workspace/executeCommand", note)
        wait_until(lambda: client.status()["workspaces"][0]["records"] >= 1, "the note")
        client.quit()
    assert lsp_records("textDocument/didOpen") == []
    assert len(sessions()) == 1
