"""Bytes that are no episode, given to every verb that reads one."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.support.cli import Said, signoff, signoff_each

pytestmark = pytest.mark.slow

READERS: dict[str, Callable[[Path, Path], list[object]]] = {
    "show": lambda episode, _: ["show", episode],
    "show --steps": lambda episode, _: ["show", episode, "--steps", "--json"],
    "show --redactions": lambda episode, _: ["show", episode, "--redactions"],
    "check": lambda episode, _: ["check", episode],
    "replay": lambda episode, _: ["replay", episode, "--speed", "1000"],
    "checkout": lambda episode, folder: ["checkout", episode, "--at", "end", folder / "there"],
    "verify": lambda episode, _: ["verify", episode],
    "sign": lambda episode, folder: ["sign", episode, "--to", folder.as_uri(), "--yes"],
    "upload": lambda episode, folder: ["upload", episode, "--to", folder.as_uri()],
    "review": lambda episode, folder: ["review", episode, "--plan", folder / "plan.json"],
}
SAYS_NO = {10, 11, 12, 13}
"""Documented codes for what is missing, damaged, unsigned or refused."""


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    folder = tmp_path_factory.mktemp("good")
    trace = {
        "startContent": "a 🎈 b 🎉\n",
        "endContent": "say a 🎈 b 🎉\nend",
        "txns": [
            {"time": "2026-01-01T00:00:00.000Z", "patches": [[0, 0, "say "]]},
            {"time": "2026-01-01T00:00:01.000Z", "patches": [[12, 0, "end"]]},
        ],
    }
    (folder / "trace.json").write_text(json.dumps(trace), "utf-8")
    place = folder / "one.episode"
    said = signoff(
        "import", folder / "trace.json", "--format", "editing-trace", "-o", place,
        SIGNOFF_HOME=str(folder / "home"), HOME=str(folder),
    )  # fmt: skip
    assert said.code == 0, said
    return place.read_bytes()


def _refuses(said: Said) -> None:
    assert said.code in SAYS_NO, said
    assert "Traceback" not in said.err, said
    assert "unexpected error" not in said.err, said
    assert said.err.startswith("error: ") or "error: " in said.err, said


@pytest.mark.parametrize("verb", READERS)
def test_no_verb_trips_over_bytes_that_are_no_episode(
    verb: str, good: bytes, tmp_path: Path, home: Path
) -> None:
    (tmp_path / "plan.json").write_text("{}", "utf-8")
    chance = random.Random(11)  # noqa: S311  (repeatable, no secret)
    flipped = bytearray(good)
    flipped[chance.randrange(16, len(good) - 16)] ^= 0x10
    bad: dict[str, bytes] = {
        "empty": b"",
        "truncated": good[: len(good) // 2],
        "one byte short": good[:-1],
        "one byte more": good + b"\0",
        "flipped": bytes(flipped),
        "doubled": good + good,
        "zeros": bytes(1_000_000),
        "foreign": b"PK\x03\x04" + chance.randbytes(4000),
        "text": b"this is no episode \xf0\x9f\x8e\x88\n" * 50,
    }
    episodes = {name: tmp_path / f"{name}.episode" for name in bad}
    for name, content in bad.items():
        episodes[name].write_bytes(content)
    every = signoff_each(
        (READERS[verb](path, tmp_path) for path in episodes.values()), cwd=tmp_path
    )
    for (name, episode), said in zip(episodes.items(), every, strict=True):
        assert said.code in SAYS_NO, f"{name}: {said}"
        assert episode.read_bytes() == bad[name], name
        _refuses(said)
    assert not (tmp_path / "there").exists()
    assert not (tmp_path / "blobs").exists()


@pytest.mark.parametrize("verb", READERS)
def test_no_verb_hangs_or_trips_over_what_is_no_regular_file(
    verb: str, tmp_path: Path, home: Path
) -> None:
    (tmp_path / "plan.json").write_text("{}", "utf-8")
    os.mkfifo(tmp_path / "pipe.episode")
    (tmp_path / "folder.episode").mkdir()
    (tmp_path / "loop.episode").symlink_to("loop.episode")
    with (tmp_path / "endless.episode").open("wb") as stream:
        stream.truncate(1 << 40)  # sparse: to be refused without being read
    names = ("pipe", "folder", "loop", "missing", "endless")
    places = [Path("/dev/zero"), *(tmp_path / f"{name}.episode" for name in names)]
    for said in signoff_each((READERS[verb](path, tmp_path) for path in places), cwd=tmp_path):
        _refuses(said)
