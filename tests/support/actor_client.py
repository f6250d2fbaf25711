"""A plain LSP client that says as much as PROTOCOL.md lets it, with the truth written beside it."""

from __future__ import annotations

import random
import string
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.bridge import EMOJI, Client

Truth = str
_LINES = 40


@dataclass(kw_only=True)
class PlainStage:
    """One document of a plain client; every change is put at the start of a line of its own."""

    client: Client
    path: Path
    uri: str
    chance: random.Random
    version: int = 1
    truths: list[tuple[str, int, Sequence[Truth]]] = field(default_factory=list)
    scenario: str = ""

    def word(self) -> str:
        letters = self.chance.choices(string.ascii_lowercase, k=self.chance.randint(2, 5))
        return "".join(letters)

    def change(
        self,
        *parts: tuple[str, Truth],
        reason: str | None = "key",
        changes: int = 1,
        is_told_late: bool = False,
    ) -> None:
        """Send one version with these texts; say once why, before or after it."""
        self.version += 1
        said: dict[str, object] = {
            "uri": self.uri, "version": self.version, "reason": reason, "changes": changes,
        }  # fmt: skip
        if reason is not None and not is_told_late:
            self.client.notify("signoff/evidence", said)
        line = self.chance.randrange(_LINES)
        place = {"line": line, "character": 0}
        after = {"line": line, "character": 1}
        edits = [
            {"range": {"start": place, "end": place if text else after}, "text": text}
            for text, _ in parts
        ]
        self.client.change(self.uri, self.version, *edits)
        if reason is not None and is_told_late:
            self.client.notify("signoff/evidence", said)
        self.truths.append((self.scenario, self.version, [truth for _, truth in parts]))


Play = Callable[[PlainStage], None]


def typing(stage: PlainStage) -> None:
    """One key, one version; evidence before or after."""
    for key in f"{stage.word()} {EMOJI}{stage.word()}\n":
        stage.change((key, "typed"), is_told_late=stage.chance.random() < 0.3)


def batches(stage: PlainStage) -> None:
    """A client that waits: several keys in one change, counted."""
    word = stage.word()
    stage.change((word, "typed"), changes=len(word))
    stage.change((f"\n    {word}", "typed"), changes=len(word) + 1)


def cursors(stage: PlainStage) -> None:
    """One key in several places."""
    stage.change(("q", "typed"), ("q", "typed"), ("q", "typed"))


def closing(stage: PlainStage) -> None:
    """A bracket that the client closes, counted as the key that it took."""
    stage.change(("()", "typed"))
    stage.change(('""', "typed"))


def miscounted(stage: PlainStage) -> None:
    """What was pasted, completed or streamed, in a version for which one key was counted."""
    stage.change((f"{stage.word()}.{stage.word()}", "pasted"))
    stage.change(("x", "typed"), (f"甲{stage.word()}", "program"))
    stage.change(("甲", "program"), ("", "program"))
    stage.change(("甲乙", "program"))


def told(stage: PlainStage) -> None:
    """What the protocol has other words for."""
    for reason, truth in (
        ("paste", "pasted"), ("completion", "completion"), ("undo", "undo"), ("redo", "redo"),
        ("formatter", "formatter"), ("command", "command"), ("external", "external"),
    ):  # fmt: skip
        stage.change((stage.word(), truth), reason=reason)


def untold(stage: PlainStage) -> None:
    """Evidence for nothing: an agent streams key by key, nobody says so."""
    for key in f"{stage.word()} {stage.word()}":
        stage.change((key, "program"), reason=None)


def unknown_words(stage: PlainStage) -> None:
    """Reasons of another protocol."""
    stage.change((stage.word(), "program"), reason="assistant")


def mixed(stage: PlainStage) -> None:
    """Two reasons for one version that cannot be told apart."""
    stage.client.notify(
        "signoff/evidence", {"uri": stage.uri, "version": stage.version + 1, "reason": "paste"}
    )
    stage.change((f"a{stage.word()}", "pasted"))


PLAYS: dict[str, Play] = {
    "keys, one by one": typing,
    "keys, several in one change": batches,
    "keys, several cursors": cursors,
    "keys, brackets closed": closing,
    "more than the keys that were counted": miscounted,
    "other reasons": told,
    "no evidence": untold,
    "reasons of another protocol": unknown_words,
    "two reasons for one change": mixed,
}
