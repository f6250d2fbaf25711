"""Windows, by a real CPython for it under Wine: what reads works, and the rest says what to do."""

from __future__ import annotations

import json
import re
import urllib.request
from pathlib import Path

import pytest
from tests.support.bridge import at, bridge, enable
from tests.support.cli import signoff
from tests.support.deadline import deadline
from tests.support.repository import WorkTree
from tests.support.sign_off import put_episode, small_episode
from tests.support.windows import Windows

from signoff_collector.cli import _EVERYWHERE, DAILY_VERBS, PLUMBING_VERBS
from signoff_collector.consent.signatures.checking_signatures import verify_signature
from signoff_collector.consent.signatures.sshsig import SIGN_OFF
from signoff_collector.own_files.home import resolve_home

pytestmark = pytest.mark.platforms

TEXT = "x = 1  # 🎉𝄞\n"
NOT_IMPORTED = {
    "signoff_collector.capture.agents.hook",
    "signoff_collector.capture.runs.relaying",
    "signoff_collector.capture.runs.run_recording",
    "signoff_collector.capture.runs.running",
    "signoff_collector.capture.runs.wiring",
    "signoff_collector.system.terminals",
}
"""What `run`, `shell` and the hooks of agents are made of: they need terminals of POSIX."""
EVERY_MODULE = """
import importlib, json, pkgutil, sys
assert sys.platform == "win32"
count, failed = 0, []
for name in ("signoff_schemas", "signoff_collector", "signoff_bridge"):
    for found in pkgutil.walk_packages(importlib.import_module(name).__path__, name + "."):
        if not found.name.endswith("__main__"):
            count += 1
            try:
                importlib.import_module(found.name)
            except (ImportError, AttributeError):
                failed.append(found.name)
print(json.dumps([count, failed]))
"""
SEAM = """
import os, subprocess, sys, tempfile
from pathlib import Path
from signoff_collector.system.clock import SystemClock
from signoff_collector.system.files.folders import open_folder, walk
from signoff_collector.own_files.private_files import (
    create_private, read_regular, replace_private, try_lock,
)

top = Path(tempfile.mkdtemp())
lock = top / "lock"
ask = "import sys; from pathlib import Path; "
ask += "from signoff_collector.own_files.private_files import try_lock; "
ask += "held = try_lock(Path(sys.argv[1]), is_shared=sys.argv[2] == 'shared'); "
ask += "print(held is not None)"

def other(kind):
    done = subprocess.run([sys.executable, "-c", ask, str(lock), kind], capture_output=True)
    return done.stdout.strip().decode()

with try_lock(lock) as held:
    os.write(held.descriptor, b"read me")
    assert lock.read_bytes() == b"read me", "what is locked can be read"
    print("alone", other("alone"), other("shared"))
with try_lock(lock, is_shared=True):
    print("shared", other("alone"), other("shared"))
print("free", other("alone"))

create_private(top / "new", b"one")
try:
    create_private(top / "new", b"two")
except FileExistsError:
    print("kept", read_regular(top / "new", max_bytes=9))
replace_private(top / "new", b"three")
print("replaced", read_regular(top / "new", max_bytes=9))

with open_folder(top) as root, walk(root, ("a", "b"), made=0o700) as deep:
    deep.write_new("file", b"content", 0o600)
    try:
        (top / "a" / "b").rename(top / "a" / "c")
    except PermissionError:
        print("held")
    try:
        root.below("new")
    except NotADirectoryError:
        print("no folder")
    for name in ("..", "x/y", "x\\\\y", ""):
        try:
            root.create(name, 0o600)
        except OSError:
            continue
        print("left", name)
(top / "a" / "b").rename(top / "a" / "c")
print("free again", (top / "a" / "c" / "file").read_bytes())
clock = SystemClock()
first, asleep = clock.boot_ns(), clock.asleep_ns()
print("clock", 0 < first <= clock.boot_ns(), asleep >= 0)
"""


@pytest.fixture
def recorded(home: Path, tmp_path: Path) -> Path:
    """A workspace with one sealed session."""
    del home
    root = tmp_path / "work 🎉"
    WorkTree.create(root).commit("first", "app.py", TEXT)
    enable(root)
    with bridge() as editor:
        editor.initialize()
        uri = editor.open(root / "app.py", TEXT)
        editor.change(uri, 2, at(0, 4, 0, 5, "another_name"))
        editor.save(uri)
        editor.close(uri)
        assert editor.quit() == 0
    for words in (["stop"], ["seal"]):
        done = signoff(*words, cwd=root)
        assert done.code == 0, done
    return root


def test_every_module_that_reads_can_be_imported(system: Windows, tmp_path: Path) -> None:
    done = system.run(["-c", EVERY_MODULE], cwd=tmp_path)
    assert done.returncode == 0, done
    count, failed = json.loads(done.stdout)
    assert count > 800
    assert set(failed) == NOT_IMPORTED


def test_locks_folders_and_clocks_are_what_other_rooms_are_promised(
    system: Windows, tmp_path: Path
) -> None:
    done = system.run(["-c", SEAM], cwd=tmp_path)
    assert done.returncode == 0, done
    assert done.stdout.splitlines() == [
        "alone False False",
        "shared False True",
        "free True",
        "kept b'one'",
        "replaced b'three'",
        "held",
        "no folder",
        "free again b'content'",
        "clock True True",
    ]


READING = (
    ("list",),
    ("show", "last"),
    ("show", "last", "--steps"),
    ("show", "last", "--quality"),
    ("label", "last", "--propose"),
    ("label", "last", "--fields"),
    ("check", "last"),
    ("find", "another_name"),
    ("today",),
    ("receipts",),
    ("settings",),
)


@pytest.mark.parametrize("words", READING, ids=" ".join)
def test_what_reads_says_the_same_as_on_linux(
    words: tuple[str, ...], system: Windows, recorded: Path
) -> None:
    here = signoff(*words, "--json", cwd=recorded)
    with system.holding(resolve_home().root):
        there = system.signoff(*words, "--json", cwd=recorded)
    assert (there.returncode, here.code) == (0, 0), there

    def rows(text: str, home: str) -> list[object]:
        """Return the rows with one spelling of paths, and of where the home lies."""
        plain = text.replace("\\\\", "/").replace('"Z:/', '"/').replace(home, "HOME")
        return [json.loads(line) for line in plain.splitlines()]

    profile = system.home.relative_to(system.folder / "prefix" / "drive_c")
    assert rows(there.stdout, f"C:/{profile}") == rows(here.out, str(resolve_home().root))


def test_a_moment_is_written_byte_for_byte(system: Windows, recorded: Path, tmp_path: Path) -> None:
    with system.holding(resolve_home().root):
        done = system.signoff("checkout", "last", "--at", "end", tmp_path / "out", cwd=recorded)
        again = system.signoff("checkout", "last", "--at", "end", tmp_path / "out", cwd=recorded)
    assert done.returncode == 0, done
    assert (tmp_path / "out" / "app.py").read_bytes() == (recorded / "app.py").read_bytes()
    assert again.returncode == 2, "a folder that holds something is left alone"


@pytest.mark.parametrize(
    ("verb", "name"),
    [("picture", "x.svg"), ("picture", "x.png"), ("film", "x.svg"), ("film", "x.mp4")],
)
def test_what_is_drawn_there_is_what_is_drawn_here(
    verb: str, name: str, system: Windows, recorded: Path, tmp_path: Path
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()
    done = signoff(verb, "last", "-o", here / name, cwd=recorded)
    assert done.code == 0, done
    with system.holding(resolve_home().root):
        drawn = system.signoff(verb, "last", "-o", there / name, cwd=recorded)
    assert drawn.returncode == 0, drawn
    if name.endswith(".svg"):
        assert (there / name).read_bytes() == (here / name).read_bytes()
    assert (there / name).stat().st_size > 1000


@pytest.mark.parametrize(
    "words", [("--set", "judgement=good", "--at", "step:0"), ("--list",), ("--sign",)]
)
def test_labels_are_set_listed_and_signed_there(
    words: tuple[str, ...], system: Windows, recorded: Path
) -> None:
    done = signoff("label", "last", "--set", "judgement=mistake", "--at", "step:1", cwd=recorded)
    assert done.code == 0, done
    with system.holding(resolve_home().root):
        there = system.signoff("label", "last", *words, cwd=recorded)
    assert there.returncode == 0, there


@pytest.mark.parametrize("verb", sorted({*DAILY_VERBS, *PLUMBING_VERBS} - _EVERYWHERE))
def test_what_does_not_work_says_so_in_one_sentence(
    verb: str, system: Windows, tmp_path: Path
) -> None:
    done = system.signoff(verb, cwd=tmp_path)
    said = done.stderr.splitlines()
    assert done.returncode == 13, done
    assert said[0].startswith(f"error: `signoff {verb}` does not work on Windows itself"), said
    assert [line.split(":")[0] for line in said] == ["error", "hint"], said


def test_what_is_signed_there_is_sent_proven_here_and_taken_back(
    system: Windows, recorded: Path, tmp_path: Path
) -> None:
    store = tmp_path / "store"
    store.mkdir()
    home = resolve_home()
    path = put_episode(home, small_episode())  # reviewed by a person
    for base in home.root.glob("*.episode"):
        base.rename(home.episodes / base.name)
    with system.holding(home.root):
        shared = path.name.removesuffix(".episode")
        for words in (
            ("sign", shared, "--to", store, "--owner", "mine", "--yes"),
            ("verify", shared),
            ("upload", shared, "--to", store),
        ):
            done = system.signoff(*words, cwd=recorded)
            assert done.returncode == 0, (words, done)
        (blob,) = (store / "blobs").rglob("?" * 64)
        (statement,) = (store / "signoffs").rglob("*.json")
        signature = Path(f"{statement}.sig").read_bytes()
        checked = verify_signature(statement.read_bytes(), signature, SIGN_OFF)
        assert json.loads(statement.read_bytes())["subject"][0]["digest"]["sha256"] == blob.name
        assert checked.key_type == "ssh-ed25519"
        done = system.signoff("withdraw", shared, "--yes", cwd=recorded)
        assert done.returncode == 0, done
    assert not blob.exists()
    assert not statement.exists()
    assert list((store / "tombstones").rglob("*.json"))


def test_the_review_is_served_there(system: Windows, recorded: Path) -> None:
    with (
        system.holding(resolve_home().root),
        system.started(
            ["-m", "signoff_collector", "review", "last", "--no-browser", "--json"], cwd=recorded
        ) as process,
    ):
        try:
            assert process.stdout is not None
            row = json.loads(process.stdout.readline())
            way = system.folder / "prefix" / "drive_c" / row["redirect"][3:].replace("\\", "/")
            found = re.search(r"url=(http://127\.0\.0\.1:\d+/[\w-]+)", way.read_text("utf-8"))
            assert found is not None
            with urllib.request.urlopen(found[1], timeout=deadline()) as answer:  # noqa: S310
                assert answer.status == 200
                assert b"<title>" in answer.read()
        finally:
            process.kill()


def test_nothing_there_promises_that_it_records(system: Windows, tmp_path: Path) -> None:
    for verb in ("status", "list", "doctor"):
        done = system.signoff(verb, cwd=tmp_path)
        assert "Record in WSL2" in done.stdout + done.stderr, done
        assert "`signoff enable` records" not in done.stdout, done
