"""Editors as far as a bridge sees them: real JSON-RPC messages into the real recorder."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable
from inspect import signature
from pathlib import Path

from tests.days.truth import Buffer, Truth
from tests.days.world import World

from signoff_bridge.protocol.messages import parse_message
from signoff_bridge.service import Service
from signoff_collector.text.positions import Encoding


class Later:
    """The work thread of a bridge, whose jobs are done when the day says so."""

    def __init__(self, explain: Callable[[Exception], None]) -> None:
        self.jobs: deque[Callable[[], None]] = deque()
        self.failures = 0
        self.last_failure = ""

    def submit(self, job: Callable[[], None]) -> None:
        self.jobs.append(job)

    def run(self) -> None:
        while self.jobs:
            self.jobs.popleft()()

    def finish(self, _limit_s: float) -> bool:
        self.run()
        return True

    def drain(self, _limit_s: float) -> bool:
        self.run()
        return True


class Deaf:
    """The connection back to the editor."""

    def show(self, _text: str, *, is_warning: bool = False) -> bool:
        return not is_warning

    def notify(self, _method: str, _params: dict[str, object]) -> None:
        return

    def ask(self, *_: object) -> None:
        return


class Bridge:
    """One bridge process."""

    def __init__(self, world: World, editor_pid: int) -> None:
        self._world = world
        self.pid = world.new_pid()
        world.pid = self.pid
        self.service = Service(Deaf())  # type: ignore[arg-type]
        self.service.introduce(
            Encoding.UTF16,
            {"editor": "Neovim", "editor_version": "0.11.4", "editor_pid": editor_pid},
            (),
            shows_notices=False,
        )

    @property
    def work(self) -> Later:
        work = self.service._work
        assert isinstance(work, Later)
        return work

    def send(self, method: str, params: object) -> None:
        self._world.pid = self.pid
        body = json.dumps({"jsonrpc": "2.0", "method": method, "params": params})
        self.service.handle(parse_message(body.encode()))
        self._join()

    def do_work(self) -> None:
        self._world.pid = self.pid
        self.work.run()
        self._join()

    def look(self) -> None:
        """Let the pulse look once."""
        self._world.pid = self.pid
        self.service._pulse.look()
        self._join()

    def _join(self) -> None:
        """Wait until a session is open: a day's hours may pass faster than a thread starts."""
        for thread in self.service._recorder.recordings._joining:
            thread.join()

    def end(self, *, is_lost: bool = False) -> None:
        """`exit` came, or the input ended without a word."""
        self._world.pid = self.pid
        if "is_lost" in signature(self.service.finish).parameters:
            self.service.finish(is_lost=is_lost)  # type: ignore[call-arg]
        else:
            self.service.finish()
        self._world.alive.discard(self.pid)

    def kill(self) -> None:
        """Nothing is written any more, not even the end."""
        self._world.alive.discard(self.pid)
        for recording in self.service._recorder.recordings.all():
            lane = recording.lane
            writer = None if lane is None else lane._writer
            if writer is not None:
                writer._is_ended = True  # type: ignore[attr-defined]
                writer.close()


class Editor:
    """One editor with its bridge; buffers hold whole lines."""

    def __init__(self, name: str, world: World, truth: Truth, root: Path) -> None:
        self.name = name
        self._world, self._truth, self._root = world, truth, root
        self.bridge: Bridge | None = None
        self._versions: dict[str, int] = {}
        self._said_ms = self._written_ms = 0
        self._pid: int | None = None

    def _send(self, method: str, params: object) -> None:
        assert self.bridge is not None
        self.bridge.send(f"textDocument/{method}", params)
        if method != "didSave" and not self._truth.is_silent:  # of which no record may come
            self._said_ms = self._world.ms
        if not self.bridge.work.jobs:
            self._written_ms = self._said_ms

    def _die(self) -> None:
        """The bridge writes nothing any more."""
        self._truth.died(self.name, self._written_ms, self._world.ms)

    def do_work(self) -> None:
        """Let the bridge's work thread do what waits."""
        if self.bridge is not None:
            self.bridge.do_work()
            self._written_ms = self._said_ms

    def look(self) -> None:
        """Let the bridge's pulse look once."""
        if self.bridge is not None:
            self.bridge.look()
            self.do_work()

    def buffers(self) -> list[Buffer]:
        return [one for one in self._truth.buffers if one.editor == self.name]

    def buffer(self, path: str) -> Buffer | None:
        return next((one for one in self.buffers() if one.path == path), None)

    def _uri(self, path: str) -> str:
        return (self._root / path).as_uri()

    def open(self, path: str) -> Buffer:
        """Show a file; one that is not there is new and empty."""
        place = self._root / path
        text = place.read_bytes() if place.is_file() else b""
        self._tell_open(path, text)
        return self._truth.opened(self.name, path, text, self._world.ms)

    def _tell_open(self, path: str, text: bytes) -> None:
        if self.bridge is None:
            self._pid = self._pid or self._world.new_pid()
            self.bridge = Bridge(self._world, self._pid)
        self._versions[path] = 1
        self._send("didOpen",
            {
                "textDocument": {
                    "uri": self._uri(path), "languageId": "text", "version": 1,
                    "text": text.decode(),
                }
            },
        )  # fmt: skip

    def change(
        self, buffer: Buffer, start: tuple[int, int], end: tuple[int, int], put: str
    ) -> None:
        """Put a text in place of a range; columns are in UTF-16 units."""
        self._versions[buffer.path] += 1
        span = {
            "start": {"line": start[0], "character": start[1]},
            "end": {"line": end[0], "character": end[1]},
        }
        self._send("didChange",
            {
                "textDocument": {
                    "uri": self._uri(buffer.path), "version": self._versions[buffer.path],
                },
                "contentChanges": [{"range": span, "text": put}],
            },
        )  # fmt: skip
        text = buffer.text.decode()
        low, high = _place(text, start), _place(text, end)
        self._truth.typed(buffer, (text[:low] + put + text[high:]).encode(), self._world.ms)

    def replace(self, buffer: Buffer, text: bytes) -> None:
        """Put another whole text, as undo and reading anew do."""
        lines = buffer.text.decode().count("\n")
        last = buffer.text.decode().rpartition("\n")[2]
        self.change(buffer, (0, 0), (lines, _units(last)), text.decode())

    def save(self, buffer: Buffer, *, is_renamed: bool) -> None:
        """Write the file, in place or by renaming, and tell."""
        place = self._root / buffer.path
        place.parent.mkdir(parents=True, exist_ok=True)
        if is_renamed:
            beside = place.with_name(f".{place.name}.tmp~")
            beside.write_bytes(buffer.text)
            beside.replace(place)
        else:
            place.write_bytes(buffer.text)
        self._world.wrote()

    def tell_save(self, buffer: Buffer) -> None:
        self._send(
            "didSave",
            {"textDocument": {"uri": self._uri(buffer.path)}, "text": buffer.text.decode()},
        )

    def close(self, buffer: Buffer, by: str = "closed without saving") -> None:
        """Close one document."""
        self._send("didClose", {"textDocument": {"uri": self._uri(buffer.path)}})
        self._truth.closed(buffer, self._world.ms, by)

    def leave(self, by: str, *, is_lost: bool, is_killed: bool = False) -> None:
        """The editor ends, whatever its buffers hold; no document is closed before."""
        bridge, self.bridge, self._pid = self.bridge, None, None
        if bridge is not None:
            if is_killed:
                self._die()
                bridge.kill()
            else:
                bridge.end(is_lost=is_lost)
        for buffer in self.buffers():
            self._truth.closed(buffer, self._world.ms, by, is_lost=is_lost)

    def kill_bridge(self) -> None:
        """The bridge is killed; the editor starts another one and opens its buffers there."""
        if self.bridge is None:
            return
        self._die()
        self.bridge.kill()
        self.bridge = None
        for buffer in self.buffers():
            self._tell_open(buffer.path, buffer.text)
            self._truth.met_again(buffer, self._world.ms)


def _place(text: str, at: tuple[int, int]) -> int:
    lines = text.split("\n")
    before = sum(len(line) + 1 for line in lines[: at[0]])
    units = 0
    for number, char in enumerate(lines[at[0]]):
        if units >= at[1]:
            return before + number
        units += _units(char)
    return before + len(lines[at[0]])


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2
