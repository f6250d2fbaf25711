"""The real bridge process, a client that speaks LSP, and the journal it leaves."""

from __future__ import annotations

import hashlib
import json
import os
import signal
from pathlib import Path

import pytest
from tests.support.bridge import (
    EMOJI,
    at,
    bridge,
    enable,
    folded,
    holding,
    journals,
    lsp_records,
    records,
    saves,
    sessions,
    wait_for_records,
)
from tests.support.deadline import deadline, wait_until

from signoff_collector.capture.journal.journal import RecordKind, read_journal
from signoff_collector.text.positions import Encoding

pytestmark = pytest.mark.slow


def test_nothing_is_written_before_enable(tmp_path: Path, home: Path) -> None:
    file = tmp_path / "a.py"
    file.write_text("a\n")
    with bridge() as client:
        client.initialize()
        uri = client.open(file)
        client.change(uri, 2, at(0, 0, 0, 0, EMOJI))
        client.save(uri)
        status = client.status()
        assert client.quit() == 0
    assert not status["recording"]
    assert not home.exists()


def test_a_change_is_kept_byte_for_byte_and_folds_to_the_disk(workspace: Path) -> None:
    file = workspace / "a.py"
    file.write_text("one\ntwo\n")
    with bridge() as client:
        client.initialize()
        uri = client.open(file)
        client.change(uri, 2, at(0, 3, 0, 3, EMOJI), at(0, 7, 0, 7, "x"))
        odd = (
            b'{"method" : "textDocument/didChange","params":  {"contentChanges":[{"text":"\\ud83d",'
            b'"range":{"end":{"character":0,"line":1},"start":{"line":1,"character":0}}}],'
            b'"textDocument":{"version":3,"uri":"' + uri.encode() + b'"}} , "jsonrpc":"2.0"}'
        )
        client.send(b"Content-Length: %d\r\n\r\n%s" % (len(odd), odd))
        client.change(uri, 4, at(1, 1, 1, 1, "\ude00"))
        file.write_bytes(f"one{EMOJI}x\n\U0001f600two\n".encode())
        client.save(uri)
        client.close(uri)
        assert client.quit() == 0
    kept = [record.body for record in records(RecordKind.LSP) if isinstance(record.body, list)]
    assert kept[2][2] == odd[odd.index(b"{", 1) : odd.rindex(b"}", 0, -1) + 1].rstrip()
    assert folded(uri, Encoding.UTF16) == file.read_bytes().decode()
    assert [save["matches"] for save in saves()] == [True]
    assert saves()[0]["text"] is None


@pytest.mark.parametrize(
    ("offered", "name", "answered", "meant"),
    [
        (["utf-8", "utf-16", "utf-32"], "Neovim", "utf-16", "utf-16"),
        (["utf-8", "utf-32"], "helix", "utf-8", "utf-8"),
        (["utf-32"], "other", "utf-32", "utf-32"),
        (["utf-32", "utf-16"], "emacs", "utf-32", "utf-32"),
        (None, "emacs", "utf-16", "utf-32"),
        (None, "", "utf-16", "utf-16"),
    ],
)
def test_the_journal_names_the_encoding_that_the_client_means(
    workspace: Path, offered: list[str] | None, name: str, answered: str, meant: str
) -> None:
    general = {} if offered is None else {"general": {"positionEncodings": offered}}
    client_info = {"clientInfo": {"name": name, "version": "1"}} if name else {}
    file = workspace / "a.py"
    file.write_text(EMOJI + "\n")
    with bridge() as client:
        result = client.initialize(capabilities=general, **client_info)
        units = {"utf-8": 8, "utf-16": 4, "utf-32": 2}[meant]
        uri = client.open(file)
        client.change(uri, 2, at(0, units, 0, units, "x"))
        client.quit()
    assert result["capabilities"]["positionEncoding"] == answered
    assert folded(uri, Encoding(meant)) == EMOJI + "x\n"
    header = read_journal(journals(sessions()[0])[0]).header
    assert header is not None
    assert header.fields["encoding"] == meant
    assert header.fields["editor"] == name


def test_initialisation_options_and_configuration_are_never_journalled(workspace: Path) -> None:
    file = workspace / "a.py"
    file.write_text("a\n")
    with bridge() as client:
        client.initialize(initializationOptions={"token": "planted-in-options"})
        client.open(file)
        client.notify("workspace/didChangeConfiguration", {"settings": "planted-in-settings"})
        client.ask(
            "workspace/executeCommand", {"command": "other.run", "arguments": ["planted-in-args"]}
        )
        client.quit()
    assert holding(sessions()[0].folder, b"planted") == []


@pytest.mark.parametrize("ending", ["hang_up", "SIGTERM", "SIGHUP", "SIGKILL"])
def test_every_way_to_end_leaves_all_that_was_sent(workspace: Path, ending: str) -> None:
    file = workspace / "a.py"
    file.write_text("\n")
    with bridge() as client:
        client.initialize()
        uri = client.open(file)
        for version in range(2, 202):
            client.change(uri, version, at(0, 0, 0, 0, EMOJI))
        client.status()
        wait_for_records(RecordKind.LSP, 201)
        if ending == "hang_up":
            assert client.hang_up() == 0
        else:
            number = signal.Signals[ending]
            os.kill(client.process.pid, number)
            code = client.process.wait(deadline())
            assert code == (-number if ending == "SIGKILL" else 0)
    assert folded(uri, Encoding.UTF16) == EMOJI * 200 + "\n"


def test_full_texts_become_changes_where_the_text_differs(workspace: Path) -> None:
    file = workspace / "a.py"
    file.write_text(f"{EMOJI}1\nmiddle\n{EMOJI}2\nsame\n")
    with bridge() as client:
        client.initialize()
        uri = client.open(file)
        for version, text in enumerate(
            (f"{EMOJI}1\nmiddle\n{EMOJI}22\nsame\n", f"{EMOJI}!\nmiddle\n{EMOJI}?\nsame\n", ""), 2
        ):
            client.change(uri, version, {"text": text})
        client.quit()
    changes = lsp_records("textDocument/didChange")
    assert len(changes) == 3
    assert all("range" in change for _, params in changes for change in params["contentChanges"])
    assert changes[0][1]["contentChanges"][0]["text"] == "2"
    assert len(changes[1][1]["contentChanges"]) == 2
    assert folded(uri, Encoding.UTF16) == ""


def test_a_save_that_was_none_is_ignored(workspace: Path) -> None:
    """ALE says didSave whenever it lints, with a text that is not on disk."""
    file = workspace / "a.py"
    file.write_text("one\n")
    with bridge() as client:
        client.initialize()
        uri = client.open(file)
        client.change(uri, 2, {"text": "one\ntwo" + EMOJI + "\n"})
        client.save(uri, "one\\ntwo" + EMOJI + "\\n")
        client.change(uri, 3, {"text": "one\ntwo" + EMOJI + "!\n"})
        client.status()
        client.quit()
    assert saves() == []
    assert folded(uri, Encoding.UTF16) == "one\ntwo" + EMOJI + "!\n"


def test_saves_before_the_bridge_first_read_the_file_are_kept(workspace: Path) -> None:
    """A busy machine, or a large file: both saves are on disk before the first byte is compared."""
    file = workspace / "a.py"
    file.write_text("one\n")
    with bridge() as client:
        client.initialize()
        os.kill(client.process.pid, signal.SIGSTOP)
        uri = client.open(file)
        for version, text in enumerate(("two" + EMOJI + "\n", "three" + EMOJI + "\n"), 2):
            client.change(uri, version, {"text": text})
            file.write_text(text)
            client.save(uri, text)
        os.kill(client.process.pid, signal.SIGCONT)
        client.quit()
    assert [save["matches"] for save in saves()] == [None, True]
    assert folded(uri, Encoding.UTF16) == "three" + EMOJI + "\n"


def test_a_save_said_before_its_change_waits_for_it(workspace: Path) -> None:
    """Kate sends didSave, then the didChange with the text that was saved."""
    file = workspace / "a.py"
    file.write_text("one\n")
    with bridge() as client:
        client.initialize()
        uri = client.open(file)
        wait_for_records(RecordKind.COMPANION, 1)
        file.write_text("one" + EMOJI + "\n")
        client.save(uri, "one" + EMOJI + "\n")
        client.change(uri, 2, {"text": "one" + EMOJI + "\n"})
        client.quit()
    assert [save["matches"] for save in saves()] == [True]
    kinds = [record.kind for record in records() if record.kind != RecordKind.CLOCK][:-1]
    assert kinds.index(RecordKind.SAVE) > max(
        place for place, kind in enumerate(kinds) if kind == RecordKind.LSP
    )


def test_a_disk_that_differs_is_said_with_its_text(workspace: Path) -> None:
    file = workspace / "a.py"
    file.write_text("one\n")
    with bridge() as client:
        client.initialize()
        uri = client.open(file)
        wait_for_records(RecordKind.COMPANION, 1)
        file.write_text("other" + EMOJI + "\n")
        client.save(uri)
        client.quit()
    (save,) = saves()
    assert save["matches"] is False
    assert save["text"] == "other" + EMOJI + "\n"


@pytest.mark.parametrize(
    ("raw", "shown", "expected"),
    [
        (b"\xef\xbb\xbfa\n", "a\n", ("utf-8", True, True)),
        (b"a\nb", "a\nb\n", ("utf-8", False, False)),
        (b"a = '\xe9'\r\n", "a = 'é'\r\n", ("latin-1", False, True)),
        ("\ufeffa\n".encode("utf-16-le"), "a\n", ("utf-16-le", True, True)),
    ],
)
def test_what_editors_hide_from_servers_still_matches(
    workspace: Path, raw: bytes, shown: str, expected: tuple[str, bool, bool]
) -> None:
    file = workspace / "a.py"
    file.write_bytes(raw)
    with bridge() as client:
        client.initialize()
        client.save(client.open(file, shown))
        client.quit()
    (save,) = saves()
    assert save["matches"] is True
    assert (save["encoding"], save["bom"], save["final_newline"]) == expected


def test_companion_messages_follow_the_verdict_of_their_document(workspace: Path) -> None:
    file, secret = workspace / "a.py", workspace / ".env"
    file.write_text("a\n")
    secret.write_text("TOKEN=planted\n")
    with bridge() as client:
        client.initialize()
        client.notify("signoff/hello", {"name": "test", "protocol": 1, "anchors": False})
        uri, hidden = client.open(file), client.open(secret)
        client.notify("signoff/evidence", {"uri": uri, "version": 2, "reason": "key"})
        client.notify("signoff/evidence", {"uri": hidden, "version": 2, "reason": "undo"})
        client.notify("signoff/unheard", {"uri": uri})
        client.notify("signoff/focus", {"gained": False, "to": "other"})
        client.quit()
    methods = [
        (record.body[1], json.loads(record.body[2]).get("uri"))
        for record in records(RecordKind.COMPANION)
        if isinstance(record.body, list)
    ]
    assert methods == [
        ("signoff/hello", None),
        ("signoff/disk", uri),
        ("signoff/evidence", uri),
        ("signoff/focus", None),
    ]
    assert b"planted" not in b"".join(path.read_bytes() for path in journals(sessions()[0]))


def test_several_folders_have_a_session_each(workspace: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    enable(other)
    with bridge() as client:
        client.initialize()
        for folder in (workspace, other, tmp_path):
            (folder / "b.py").write_text("b\n")
            client.change(client.open(folder / "b.py"), 2, at(0, 0, 0, 0, EMOJI))
        client.quit()
    assert {session.root for session in sessions()} == {workspace, other}
    assert len(lsp_records("textDocument/didChange")) == 2


def test_two_bridges_on_one_file_keep_a_journal_each(workspace: Path) -> None:
    file = workspace / "a.py"
    file.write_text("a\n")
    with bridge() as one, bridge() as other:
        for client, text in ((one, "1" + EMOJI), (other, "2" + EMOJI)):
            client.initialize()
            client.change(client.open(file), 2, at(0, 0, 0, 0, text))
        wait_for_records(RecordKind.LSP, 4)
        wait_until(
            lambda: len(list(sessions()[0].folder.glob("bridge-*.json"))) == 2, "both to say so"
        )
        assert one.quit() == 0
        assert other.quit() == 0
    (session,) = sessions()
    texts = {
        folded(file.as_uri(), Encoding.UTF16, read_journal(path).records)
        for path in journals(session)
    }
    assert texts == {f"1{EMOJI}a\n", f"2{EMOJI}a\n"}
    assert not list(session.folder.glob("bridge-*.json"))


def test_the_presence_file_names_the_release_at_work(workspace: Path) -> None:
    file = workspace / "a.py"
    file.write_text("a\n")
    with bridge() as client:
        client.initialize(clientInfo={"name": "Neovim", "version": "0.11"})
        client.open(file)
        wait_for_records(RecordKind.LSP, 1)
        presence = wait_until(
            lambda: next(sessions()[0].folder.glob("bridge-*.json"), None), "the presence file"
        )
        body = json.loads(presence.read_bytes())
        client.quit()
    assert body["editor"] == "Neovim"
    assert body["version"]


def test_a_file_that_something_else_wrote_and_the_editor_read_is_told_to_lie_there(
    workspace: Path,
) -> None:
    file = workspace / "a.py"
    texts = [f"one{EMOJI}\n", f"two{EMOJI}\n", f"three{EMOJI}\n"]
    file.write_text(texts[0])
    with bridge() as client:
        client.initialize()
        uri = client.open(file)
        wait_for_records(RecordKind.COMPANION, 1)
        client.change(uri, 2, at(0, 0, 0, 3, "own"))  # nothing else wrote the file
        file.write_text(texts[1])
        client.change(uri, 3, at(0, 0, 0, 3, "mine"))  # it is not what the file holds
        client.change(uri, 4, at(0, 0, 0, 0, "\N{BULLET}"))
        client.change(uri, 5, at(0, 0, 0, 5, "two"))
        wait_for_records(RecordKind.COMPANION, 2)
        client.change(uri, 6, at(0, 0, 0, 3, "own"))
        file.write_text(texts[2])
        client.change(uri, 7, {"text": texts[2]})  # of an editor that sends whole texts
        wait_for_records(RecordKind.COMPANION, 3)
        client.save(uri)
        client.change(uri, 8, at(0, 0, 0, 5, "last"))  # it is what the editor saved itself
        client.quit()
    notes = [
        (record.t_boot_ns, json.loads(record.body[2]))
        for record in records(RecordKind.COMPANION)
        if isinstance(record.body, list)
    ]
    assert [note["sha256"] for _, note in notes] == [
        hashlib.sha256(text.encode()).hexdigest() for text in texts
    ]
    assert all(note["matches"] for _, note in notes)


def test_a_key_asks_for_nothing_on_disk(workspace: Path) -> None:
    file = workspace / "a.py"
    file.write_text("ab\n")
    with bridge() as client:
        client.initialize()
        uri = client.open(file)
        wait_for_records(RecordKind.COMPANION, 1)
        file.write_text(f"a{EMOJI[0]}b\n")
        client.change(uri, 2, at(0, 1, 0, 1, EMOJI[0]))
        client.quit()
    assert len(records(RecordKind.COMPANION)) == 1
