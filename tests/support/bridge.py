"""A bare LSP client that talks to the real bridge process, and readers of what it wrote."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tests.support.deadline import deadline, wait_until

from signoff_collector.capture.journal.control import append_control
from signoff_collector.capture.journal.journal import (
    JournalReading,
    Record,
    RecordKind,
    read_journal,
)
from signoff_collector.capture.opt_in.workspaces import Workspaces
from signoff_collector.capture.sessions.session_listing import list_sessions
from signoff_collector.capture.sessions.sessions import Session
from signoff_collector.own_files.home import resolve_home
from signoff_collector.system.clock import SystemClock
from signoff_collector.text.line_text import LineText
from signoff_collector.text.positions import Encoding
from signoff_schemas.words import Owner

BRIDGE = (sys.executable, "-I", "-m", "signoff_bridge")
EMOJI = "\U0001f600\U0001f9ea"
"""Two characters outside the BMP: one alone hides encoding bugs."""


PLACE = "is not stored permanently"
"""Told once wherever the home lies in memory or in a container's layer, as a test's home may."""


def enable(folder: Path, *, is_confirmed: bool = True) -> None:
    """Opt a folder in, as a person would, or as a program does."""
    home = resolve_home().ensure()
    Workspaces(home).enable(folder, owner=Owner.MINE, is_confirmed=is_confirmed)


def disable(folder: Path) -> None:
    Workspaces(resolve_home()).disable(folder)


def frame(message: object) -> bytes:
    body = json.dumps(message).encode()
    return b"Content-Length: %d\r\n\r\n" % len(body) + body


class Client:
    """One editor, as far as LSP goes."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.messages: list[dict[str, Any]] = []
        self._answers: dict[int, queue.Queue[dict[str, Any]]] = {}
        self._number = 0
        self.answer_with: Callable[[dict[str, Any]], object] = lambda _request: None
        self.requests: list[dict[str, Any]] = []
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def send(self, data: bytes) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def notify(self, method: str, params: object) -> None:
        self.send(frame({"jsonrpc": "2.0", "method": method, "params": params}))

    def ask(self, method: str, params: object) -> dict[str, Any]:
        """Send a request and return its whole answer."""
        self._number += 1
        number = self._number
        self._answers[number] = queue.Queue()
        self.send(frame({"jsonrpc": "2.0", "id": number, "method": method, "params": params}))
        return self._answers[number].get(timeout=deadline())

    def status(self) -> dict[str, Any]:
        result = self.ask("signoff/status", {})["result"]
        assert isinstance(result, dict)
        return result

    def initialize(self, **params: object) -> dict[str, Any]:
        answer = self.ask(
            "initialize",
            {"processId": os.getpid(), "rootUri": None, "capabilities": {}, **params},
        )
        self.notify("initialized", {})
        result = answer["result"]
        assert isinstance(result, dict)
        return result

    def open(self, path: Path, text: str | None = None, version: int = 1) -> str:
        uri = path.as_uri()
        if text is None:
            text = path.read_bytes().decode()
        self.notify(
            "textDocument/didOpen",
            {
                "textDocument": {
                    "uri": uri, "languageId": "python", "version": version, "text": text,
                }
            },
        )  # fmt: skip
        return uri

    def change(self, uri: str, version: int, *changes: object) -> None:
        self.notify(
            "textDocument/didChange",
            {"textDocument": {"uri": uri, "version": version}, "contentChanges": list(changes)},
        )

    def save(self, uri: str, text: str | None = None) -> None:
        params: dict[str, object] = {"textDocument": {"uri": uri}}
        if text is not None:
            params["text"] = text
        self.notify("textDocument/didSave", params)

    def close(self, uri: str) -> None:
        self.notify("textDocument/didClose", {"textDocument": {"uri": uri}})

    def shown(self) -> list[str]:
        """Return what the person was shown so far, but for where these tests are run."""
        return [
            text
            for message in list(self.messages)
            if message.get("method") == "window/showMessage"
            and PLACE not in (text := str(message["params"]["message"]))
        ]

    def quit(self) -> int:
        """Leave as LSP says, and return the exit code."""
        self.ask("shutdown", None)
        self.notify("exit", None)
        return self.process.wait(deadline())

    def hang_up(self) -> int:
        """Close the pipe without a word, as a killed editor does."""
        assert self.process.stdin is not None
        self.process.stdin.close()
        return self.process.wait(deadline())

    def _listen(self) -> None:
        stream = self.process.stdout
        assert stream is not None
        while True:
            length = 0
            while (line := stream.readline()) not in {b"\r\n", b""}:
                if line.lower().startswith(b"content-length"):
                    length = int(line.split(b":")[1])
            if not length:
                return
            self._receive(json.loads(stream.read(length)))

    def _receive(self, message: dict[str, Any]) -> None:
        waiting = self._answers.get(message.get("id", -1)) if "method" not in message else None
        if waiting is not None:
            waiting.put(message)
            return
        self.messages.append(message)
        if "method" in message and "id" in message:
            result = self.answer_with(message)
            self.send(frame({"jsonrpc": "2.0", "id": message["id"], "result": result}))
            self.requests.append(message)  # once it is there, the answer was sent


@contextmanager
def bridge(
    argv: Sequence[str] = BRIDGE, *, cwd: Path | None = None, **environ: str
) -> Iterator[Client]:
    """Run a bridge and talk to it; it is ended whatever happens."""
    process = subprocess.Popen(
        list(argv),
        cwd=cwd,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **environ},
    )
    client = Client(process)
    try:
        yield client
    finally:
        process.kill()
        process.wait(deadline())
        client._thread.join(deadline())
        for stream in (process.stdin, process.stdout, process.stderr):
            assert stream is not None
            with suppress(BrokenPipeError):
                stream.close()


def at(line: int, column: int, end_line: int, end_column: int, text: str) -> dict[str, object]:
    """Return an LSP content change."""
    return {
        "range": {
            "start": {"line": line, "character": column},
            "end": {"line": end_line, "character": end_column},
        },
        "text": text,
    }


def sessions() -> list[Session]:
    return list_sessions(resolve_home())


def journals(session: Session) -> list[Path]:
    """Return the segments that bridges wrote; watchers have journals of their own."""
    return [path for path in session.journals if path.name.startswith("lsp-")]


def holding(folder: Path, text: bytes) -> list[Path]:
    """Return the files below a folder in which a text stands, while others may come and go."""
    found = []
    for place, _, names in os.walk(folder):
        for path in (Path(place, name) for name in names):
            with suppress(FileNotFoundError):
                if text in path.read_bytes():
                    found.append(path)
    return found


def records(kind: RecordKind | None = None, *, is_final: bool = True) -> list[Record]:
    """Return every record of every session, writer after writer.

    The end of a record that the bridge is just writing may not be there yet: it is waited for,
    unless the reading is not final.
    """
    found: list[Record] = []
    for session in sessions():
        for path in journals(session):
            found += _whole(path).records if is_final else read_journal(path).records
    return [record for record in found if kind is None or record.kind == kind]


def _whole(path: Path) -> JournalReading:
    return wait_until(
        lambda: reading if not (reading := read_journal(path)).left_bytes else None,
        f"a whole last record in {path.name}",
    )


def lsp_records(method: str | None = None) -> list[tuple[str, dict[str, Any]]]:
    """Return method and params of the LSP records, without what the bridge closes at its end."""
    found = [
        (record.body[1], json.loads(record.body[2]))
        for record in records(RecordKind.LSP)
        if isinstance(record.body, list)
    ]
    return [
        item
        for item in found
        if method in {None, item[0]} and "reason" not in item[1].get("signoff", {})
    ]


def closes() -> dict[str, str | None]:
    """Return the name of each file that was closed, and why the bridge did it, if it did."""
    found = {}
    for record in records(RecordKind.LSP):
        assert isinstance(record.body, list)
        if record.body[1] == "textDocument/didClose":
            params = json.loads(record.body[2])
            name = params["textDocument"]["uri"].rpartition("/")[2]
            found[name] = params.get("signoff", {}).get("reason")
    return found


def saves() -> list[dict[str, Any]]:
    return [dict(record.fields) for record in records(RecordKind.SAVE)]


def anchors() -> list[dict[str, Any]]:
    return [dict(record.fields) for record in records(RecordKind.ANCHOR)]


def folded(uri: str, encoding: Encoding, found: Sequence[Record] | None = None) -> str | None:
    """Replay one document from the journal alone: the text its editor had at the end."""
    text: LineText | None = None
    for record in records() if found is None else found:
        if record.kind == RecordKind.ANCHOR and record.fields.get("uri") == uri:
            text = LineText(str(record.fields["text"]))
        differing = record.fields.get("text") if record.kind == RecordKind.SAVE else None
        if differing is not None and record.fields.get("uri") == uri:
            text = LineText(str(differing))
        if record.kind != RecordKind.LSP or not isinstance(record.body, list):
            continue
        params = json.loads(record.body[2])
        if params["textDocument"]["uri"] != uri:
            continue
        if record.body[1] == "textDocument/didOpen":
            text = LineText(params["textDocument"]["text"])
        elif record.body[1] == "textDocument/didChange" and text is not None:
            for change in params["contentChanges"]:
                start, end = change["range"]["start"], change["range"]["end"]
                text.change(
                    start["line"], start["character"], end["line"], end["character"],
                    change["text"], encoding,
                )  # fmt: skip
    return None if text is None else str(text)


def wait_for_records(kind: RecordKind, count: int) -> list[Record]:
    """Wait until that many records of a kind are in the journals."""
    return wait_until(
        lambda: found if len(found := records(kind, is_final=False)) >= count else None,
        f"{count} records of kind {kind.name}",
    )


def control(verb: str, **fields: str) -> None:
    """Ask every session for something, as the verbs do."""
    for session in sessions():
        append_control(session.control, verb, clock=SystemClock(), fields=fields)
