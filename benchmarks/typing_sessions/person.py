"""Somebody at the keyboard: keys, pastes and undos in the documents of a `Recorder`."""

from __future__ import annotations

import random

from .recorder import Recorder

_KEY_MS = (40, 320)
_PAUSES_MS = (400, 1_600, 6_000, 40_000)


class Person:
    """Types into documents; every key is a change of its own."""

    def __init__(self, recorder: Recorder, source: random.Random) -> None:
        self.recorder = recorder
        self.random = source
        self.tells_cursor = source.random() < 0.4
        self.is_silent = source.random() < 0.25
        """Whether no companion says why the text changed."""
        self.speed = source.choice([0.5, 1.0, 1.0, 3.0])

    def text(self, path: str) -> str:
        """Return a document's text."""
        return self.recorder.texts[path]

    def change(self, path: str, start: int, deleted: int, text: str, reason: str = "key") -> None:
        """Make one change."""
        shown = None if self.is_silent else reason
        self.recorder.change(path, [(start, deleted, text)], shown)
        if self.tells_cursor and self.random.random() < 0.5:
            place = {"line": 0, "character": 0}
            self.recorder.companion("select", path, cursor=place, selections=[])
        self.recorder.wait(self.random.randint(*_KEY_MS) * self.speed)

    def type(self, path: str, start: int, text: str) -> int:
        """Type key by key and return the offset after it."""
        for char in text:
            self.change(path, start, 0, char)
            start += 1
        return start

    def paste(self, path: str, start: int, text: str) -> int:
        """Paste and return the offset after it."""
        self.change(path, start, 0, text, "paste")
        return start + len(text)

    def backspace(self, path: str, end: int, count: int) -> None:
        """Remove characters before `end`, key by key."""
        for place in range(end - 1, end - 1 - count, -1):
            self.change(path, place, 1, "")

    def pause(self) -> None:
        """Think, save, look at the tests."""
        self.recorder.wait(self.random.choice(_PAUSES_MS))

    def line_start(self, path: str) -> int:
        """Return where some line begins."""
        text = self.text(path)
        starts = [0, *(at + 1 for at, char in enumerate(text) if char == "\n")]
        return self.random.choice(starts)
