"""Small editing traces that follow from a seed, as files of the published form."""

from __future__ import annotations

import gzip
import json
import random
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

_PIECES = (
    *("def total(rows):\n", "    return sum(rows)\n", "x", "y", " ", "\n", "\r\n", "\r", "# why\n"),
    *("\U0001f388", "\u00e9", "\u2028", "\ufeff", "value = compute(left, right)\n", "\t"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A trace, and what it says."""

    start: str
    end: str
    txns: list[dict[str, object]]

    def write(self, folder: Path, name: str, **changes: object) -> Path:
        """Write it as `NAME.json.gz`, some fields changed."""
        fields = {"startContent": self.start, "endContent": self.end, "txns": self.txns}
        path = folder / f"{name}.json.gz"
        path.write_bytes(gzip.compress(json.dumps({**fields, **changes}).encode()))
        return path


def typed_trace(text: str) -> Made:
    """Make a trace in which a text is typed key by key, a pause behind each line."""
    moment = datetime(2024, 3, 1, 9, tzinfo=UTC)
    txns: list[dict[str, object]] = []
    for at, key in enumerate(text):
        txns.append({"time": moment.isoformat(), "patches": [[at, 0, key]]})
        moment += timedelta(seconds=5 if key == "\n" else 0.1)
    return Made(start="", end=text, txns=txns)


def make_trace(seed: int, *, count: int = 60, days: float = 1.0) -> Made:
    """Make a trace of some transactions, spread over so many days."""
    source = random.Random(seed)  # noqa: S311
    text = start = "".join(source.choices(_PIECES, k=source.randrange(12)))
    moment = datetime(2024, 3, 1, 9, tzinfo=UTC)
    txns: list[dict[str, object]] = []
    for _ in range(count):
        pause = source.choice((0.1, 0.4, 1.0, 4.0, 60.0))
        moment += timedelta(seconds=pause + source.random() * 86_400 * 2 * days / count)
        patches: list[list[object]] = []
        for _ in range(source.choice((1, 1, 1, 2))):
            at = source.randrange(len(text) + 1)
            gone = min(source.choice((0, 0, 0, 1, 5)), len(text) - at)
            put = "".join(source.choices(_PIECES, k=source.randrange(4)))
            patches.append([at, gone, put])
            text = text[:at] + put + text[at + gone :]
        txns.append({"time": moment.isoformat(), "patches": patches})
    return Made(start=start, end=text, txns=txns)
