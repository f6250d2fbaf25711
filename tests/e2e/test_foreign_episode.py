"""An episode made to attack, given to every verb that reads one (threats 9, 31, 38)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.foreign import ATTACKS, TRAVERSALS, UNSEEN, lying_episode, traversing_episode

from signoff_collector.episode import frames
from signoff_collector.episode.file.writer import write_episode

pytestmark = pytest.mark.slow

LIMIT_S = 240
MAX_MIB = 900
"""Peak of one process that opened an attack ten times; an honest one takes some 100."""
SHOWS = ("show", "steps", "redactions", "check", "replay", "moment", "checkout", "disk", "review")
SENDS = ("verify", "sign", "upload")
SAYS_NO = {10, 11, 12, 13}

READ_ALL = """
import io, json, sys
from pathlib import Path
sys.stdin = io.StringIO("")
from signoff_collector import cli
place, folder = sys.argv[1], Path(sys.argv[2])
(folder / "plan.json").write_text("{}")
calls = {
    "show": ["show", place], "steps": ["show", place, "--steps"],
    "json": ["show", place, "--steps", "--json"],
    "redactions": ["show", place, "--redactions"], "check": ["check", place],
    "replay": ["replay", place, "--all"], "moment": ["replay", place, "--at", "end"],
    "checkout": ["checkout", place, str(folder / "out"), "--at", "end"],
    "disk": ["checkout", place, str(folder / "disk"), "--at", "end", "--disk"],
    "review": ["review", place, "--plan", str(folder / "plan.json")],
    "verify": ["verify", place], "sign": ["sign", place, "--to", str(folder / "store"), "--yes"],
    "upload": ["upload", place, "--to", str(folder / "store")],
}
found = {}
for name, words in calls.items():
    sys.stdout, sys.stderr = io.StringIO(), io.StringIO()
    try:
        code = cli.main(words)
    except BaseException as error:
        code = f"unforeseen {type(error).__name__}: {error}"[:2000]
    found[name] = [code, sys.stdout.getvalue()[:1 << 20], sys.stderr.getvalue()[:1 << 20]]
    sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
status = Path("/proc/self/status")
peak = [line.split()[1] for line in status.read_text().splitlines() if line.startswith("VmHWM")] \\
    if status.exists() else ["0"]
found["peak"] = [int(peak[0]) // 1024, "", ""]
print(json.dumps(found))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What one verb came to."""

    code: int | str
    out: str
    err: str


def read_all(content: bytes, folder: Path) -> dict[str, Seen]:
    """Give an episode to every reader, all in one process of its own."""
    folder.mkdir()
    place = folder / "foreign.episode"
    place.write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-I", "-c", READ_ALL, str(place), str(folder)],
        cwd=folder,
        env={**os.environ, "SIGNOFF_HOME": str(folder / "home")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")[-2000:]
    assert place.read_bytes() == content
    found = json.loads(done.stdout)
    return {name: Seen(code=code, out=out, err=err) for name, (code, out, err) in found.items()}


def lies(text: str) -> set[str]:
    """Return the characters that move, hide or turn what a terminal shows."""
    hidden = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    return {
        f"U+{ord(char):04X}"
        for char in text
        if char not in "\n\t" and unicodedata.category(char) in hidden
    }


def judge(seen: dict[str, Seen], what: str) -> None:
    """See that no verb fell over, and that nothing lies to the terminal."""
    assert int(seen.pop("peak").code) < MAX_MIB, what
    for verb, said in seen.items():
        assert said.code in {0, 3, *SAYS_NO}, (what, verb, said)
        assert not lies(said.out + said.err), (what, verb, said)
        assert "Traceback" not in said.err, (what, verb, said)
    for verb in SENDS:
        assert seen[verb].code in SAYS_NO, (what, verb, seen[verb])


@pytest.mark.parametrize("what", ATTACKS)
def test_an_attack_is_refused_or_shown_safely_by_every_verb(
    what: str, tmp_path: Path, home: Path
) -> None:
    seen = read_all(ATTACKS[what](), tmp_path / "attack")
    judge(seen, what)
    if what not in UNSEEN:
        assert seen["check"].code in SAYS_NO, (what, seen["check"])
    assert not (tmp_path / "attack" / "store").exists()


def test_an_episode_that_lies_in_every_string_is_shown_spelled_out(
    tmp_path: Path, home: Path
) -> None:
    seen = read_all(write_episode(lying_episode()), tmp_path / "lying")
    judge(seen, "lying")
    for verb in ("show", "steps", "check", "replay", "moment"):
        assert seen[verb].code in {0, 3}, (verb, seen[verb])
    assert seen["json"].out.isascii()
    assert "<U+202E>" in seen["steps"].out


@pytest.mark.parametrize("name", TRAVERSALS)
def test_a_name_that_leads_outside_is_never_written(name: str, tmp_path: Path, home: Path) -> None:
    around = tmp_path / "around"
    seen = read_all(traversing_episode(name), around)
    judge(seen, name)
    assert seen["checkout"].code in {11, 13}, seen["checkout"]
    assert seen["disk"].code in {11, 13}, seen["disk"]
    _wrote_nothing(around)


def test_a_place_on_another_system_is_a_name_here_and_stays_inside(
    tmp_path: Path, home: Path
) -> None:
    around, name = tmp_path / "around", "C:\\escaped"
    seen = read_all(traversing_episode(name), around)
    judge(seen, name)
    for verb in ("checkout", "disk"):
        assert seen[verb].code == 0, seen[verb]
    written = {path.parent for path in around.rglob("*escaped*")}
    assert written == {around / "out", around / "disk"}


def test_links_are_written_as_text_or_not_at_all(tmp_path: Path, home: Path) -> None:
    for number, target in enumerate((b"/etc/passwd", b"../../outside", b"self")):
        around = tmp_path / f"around-{number}"
        judge(read_all(traversing_episode("self", mode="120000", content=target), around), "link")
        made = [path for path in (around / "disk").rglob("*") if path.is_symlink()]
        assert made == []


@given(st.recursive(
    st.none() | st.booleans() | st.integers(-(1 << 63), (1 << 64) - 1) | st.floats()
    | st.text(max_size=300) | st.sampled_from([b"", b"x" * 300, b"x" * 70_000]),
    lambda inner: st.lists(inner, max_size=20) | st.dictionaries(st.text(max_size=40), inner),
))  # fmt: skip
def test_values_are_counted_as_they_are(value: object) -> None:
    """A frame is refused by the number of its values before any of them is made."""
    count = _count(value)
    content = frames.pack(value)
    with mock.patch.multiple(frames, _COUNTED_ABOVE_BYTES=0, MAX_VALUES=count):
        frames.unpack(content)
    with (
        mock.patch.multiple(frames, _COUNTED_ABOVE_BYTES=0, MAX_VALUES=count - 1),
        pytest.raises(ValueError, match="values"),
    ):
        frames.unpack(content)


def _count(value: object) -> int:
    if isinstance(value, list):
        return 1 + sum(map(_count, value))
    if isinstance(value, dict):
        return 1 + sum(1 + _count(held) for held in value.values())
    return 1


def _wrote_nothing(around: Path) -> None:
    known = {"foreign.episode", "plan.json", "home", "out", "disk"}
    assert {path.name for path in around.iterdir()} <= known
    assert {path.name for path in around.parent.iterdir()} <= {
        "around", "home-of-test", "signoff-home",
    }  # fmt: skip
    assert not Path("/var/escaped").exists()
    for folder in (around / "out", around / "disk"):
        assert not folder.exists() or not any(path.is_file() for path in folder.rglob("*"))
