"""find, restore and today among what is broken, full, gone, hostile or in the way."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.bridge import enable
from tests.support.deadline import deadline
from tests.support.history import BEASTS, ended_session, live_session, typed
from tests.support.leaks import random_secret, windows
from tests.support.seal_journals import Journal
from tests.support.seal_sessions import signoff
from tests.support.small_disk import fill, mounted_small_disk

from signoff_collector.own_files.home import resolve_home
from signoff_collector.system.clock import SystemClock

pytestmark = pytest.mark.slow

HOSTILE = "\x1b]0;owned\x07\x1b[2J\u202egnp.exe\u2066\u200b\r"
REFUSED, USAGE, NONE = 13, 2, 10
FLOOD_S = 4 * deadline()


def hits(root: Path, *words: str, env: dict[str, str] | None = None) -> list[dict[str, object]]:
    said = signoff("find", *words, "--json", cwd=root, env=env)
    assert said.returncode == 0, said.stderr
    return [json.loads(line) for line in said.stdout.splitlines()]


def test_a_full_disk_costs_time_and_no_answer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "project"
    with mounted_small_disk(tmp_path / "disk", kib=800) as disk:
        monkeypatch.setenv("SIGNOFF_HOME", str(disk / "home"))
        session = ended_session(root, typed(root, "a.py", f"needle one {BEASTS}"))
        filler = fill(disk)
        names = {path.name for path in session.folder.iterdir()}
        assert len(hits(root, "needle")) == 1
        assert signoff("restore", "a.py", cwd=root).returncode == 0
        assert signoff("today", "--since", "2000-01-01", cwd=root).returncode == 0
        assert {path.name for path in session.folder.iterdir()} == names
        filler.unlink()
        assert len(hits(root, "needle")) == 1
        made = {path.name for path in session.folder.iterdir()} - names
        assert made == {"own.episode", "find.sqlite"}


def test_a_session_being_written_is_read_up_to_its_last_whole_record(
    home: Path, tmp_path: Path
) -> None:
    del home
    root = tmp_path / "project"
    session = live_session(root, typed(root, "a.py", "needle one"))
    (journal,) = session.journals
    data = journal.read_bytes()
    journal.write_bytes(data + data[-60:-7])
    assert len(hits(root, "needle")) == 1
    assert signoff("restore", "a.py", "--at", "end", "--yes", cwd=root).returncode == 0
    assert (root / "a.py").read_text() == "needle one\n"


def test_a_damaged_form_of_a_session_is_made_anew(home: Path, tmp_path: Path) -> None:
    del home
    root = tmp_path / "project"
    session = ended_session(root, typed(root, "a.py", "needle one"))
    assert len(hits(root, "needle")) == 1
    own = session.folder / "own.episode"
    for data in (b"", b"no episode", own.read_bytes()[:-40]):
        own.write_bytes(data)
        assert len(hits(root, "needle")) == 1


def test_two_hundred_megabytes_of_output_are_no_burden(home: Path, tmp_path: Path) -> None:
    root = tmp_path / "project"
    session = live_session(root, typed(root, "a.py", "needle one"))
    enable(root)
    flood = (
        "import sys\nfor _ in range(200):\n    sys.stdout.write('yarn ' * 200_000)\nprint('spool')"
    )
    argv = [
        sys.executable,
        "-I",
        "-m",
        "signoff_collector",
        "run",
        "--",
        sys.executable,
        "-c",
        flood,
    ]
    subprocess.run(argv, cwd=root, stdout=subprocess.DEVNULL, check=True, timeout=FLOOD_S)
    assert sum(path.stat().st_size for path in home.rglob("*") if path.is_file()) < 8 << 20
    limited = (
        "import os, resource, runpy, sys; os.environ['OPENBLAS_NUM_THREADS'] = '1';"
        " resource.setrlimit(resource.RLIMIT_DATA, (300 << 20,) * 2);"
        " sys.argv = ['signoff', 'find', 'spool', '--kind', 'command', '--json'];"
        " runpy.run_module('signoff_collector', run_name='__main__')"
    )
    said = subprocess.run(
        [sys.executable, "-I", "-c", limited],
        cwd=root, capture_output=True, text=True, timeout=deadline(), check=False,
    )  # fmt: skip
    assert said.returncode == 0, said.stderr
    (hit,) = [json.loads(line) for line in said.stdout.splitlines()]
    assert (hit["kind"], hit["session"]) == ("command", session.id)
    assert len(str(hit["text"])) <= 100


@pytest.mark.parametrize("path", ["../outside.py", "/etc/hostname", "..", "a.py/../../b.py"])
def test_what_lies_outside_is_not_touched(home: Path, tmp_path: Path, path: str) -> None:
    del home
    root = tmp_path / "project"
    live_session(root, typed(root, "a.py", "needle one"))
    said = signoff("restore", path, "--at", "end", "--yes", "--overwrite", cwd=root)
    assert said.returncode in {USAGE, NONE}, said.stderr
    assert sorted(path.name for path in tmp_path.iterdir() if path.suffix) == []


@pytest.mark.parametrize(
    "place", ["../outside.py", "/etc", "..", "a.py/../../b.py", "\udcff\U0001f98a"]
)
def test_a_search_outside_of_the_workspace_finds_nothing_there(
    home: Path, tmp_path: Path, place: str
) -> None:
    del home
    root = tmp_path / "project"
    ended_session(root, typed(root, "a.py", "needle one"))
    (tmp_path / "outside.py").write_text("needle two\n")
    for _ in ("made", "from what was made"):
        said = signoff("find", "needle", "--in", place, cwd=root)
        assert said.returncode == NONE, said.stderr
        assert "needle" not in said.stdout


def test_bytes_that_are_no_text_are_no_burden(home: Path, tmp_path: Path) -> None:
    del home
    root, image = tmp_path / "project", b"\x89PNG\r\n\x1a\n\0needle\xff\xfe"
    journal = typed(root, "a.py", f"needle one {BEASTS}")
    seen = {"sha256": hashlib.sha256(image).hexdigest(), "size_bytes": len(image)}
    journal.step("files", changed=[{"path": "logo.png", **seen}])
    live_session(root, journal)
    (root / "logo.png").write_bytes(image)
    (root / "a.py").write_bytes(image)
    assert [hit["path"] for hit in hits(root, "needle")] == ["a.py"]
    assert signoff("restore", "logo.png", "--at", "end", "--yes", cwd=root).returncode == NONE
    listed = signoff("restore", "a.py", cwd=root)
    assert listed.returncode == 0, listed.stderr
    assert not set(listed.stdout + listed.stderr) & set("\x1a\0\x89")
    refused = signoff("restore", "a.py", "--at", "end", "--yes", cwd=root)
    assert refused.returncode == REFUSED, refused.stderr
    assert (root / "a.py").read_bytes() == image, "nobody else has it"
    done = signoff("restore", "a.py", "--at", "end", "--yes", "--overwrite", cwd=root)
    assert done.returncode == 0, done.stderr
    assert (root / "a.py").read_text() == f"needle one {BEASTS}\n"


def test_a_workspace_that_is_gone_can_be_searched_and_restored_elsewhere(
    home: Path, tmp_path: Path
) -> None:
    del home
    root = tmp_path / "project"
    ended_session(root, typed(root, "a.py", "needle one"))
    root.rmdir()
    assert len(hits(tmp_path, "needle", "--everywhere")) == 1
    asked = str(root / "a.py")
    assert signoff("restore", asked, cwd=tmp_path).returncode == 0
    said = signoff("restore", asked, "--at", "end", "--yes", cwd=tmp_path)
    assert said.returncode == NONE, said.stderr
    assert "--to" in said.stderr
    target = tmp_path / "back.py"
    said = signoff("restore", asked, "--at", "end", "--to", str(target), cwd=tmp_path)
    assert said.returncode == 0, said.stderr
    assert target.read_text() == "needle one\n"


def test_a_session_of_another_boot_is_over_and_read(home: Path, tmp_path: Path) -> None:
    del home
    root = tmp_path / "project"
    session = live_session(root, typed(root, "a.py", "needle one"))
    about = session.folder / "session.json"
    about.write_text(about.read_text().replace(session.boot_id, "0" * len(session.boot_id)))
    assert len(hits(root, "needle")) == 1
    assert signoff("restore", "a.py", "--at", "end", "--yes", cwd=root).returncode == 0
    assert (root / "a.py").read_text() == "needle one\n"


def test_a_folder_at_the_place_of_the_file_stays(home: Path, tmp_path: Path) -> None:
    del home
    root = tmp_path / "project"
    live_session(root, typed(root, "a.py", "needle one"))
    (root / "a.py").mkdir()
    (root / "a.py" / "inside").write_text("mine\n")
    said = signoff("restore", "a.py", "--at", "end", "--yes", "--overwrite", cwd=root)
    assert said.returncode == REFUSED, said.stderr
    assert (root / "a.py" / "inside").read_text() == "mine\n"
    listed = signoff("restore", "a.py", cwd=root)
    assert listed.returncode == 0, listed.stderr


def test_of_two_restores_at_once_each_is_whole(home: Path, tmp_path: Path) -> None:
    del home
    root = tmp_path / "project"
    live_session(root, typed(root, "a.py", *(f"line {n} {BEASTS}" for n in range(40))))
    whole = "".join(f"line {n} {BEASTS}\n" for n in range(40))
    argv = [sys.executable, "-I", "-m", "signoff_collector", "restore", "a.py", "--yes"]
    both = [
        subprocess.Popen(
            [*argv, "--at", at], cwd=root, stderr=subprocess.PIPE, stdout=subprocess.PIPE
        )
        for at in ("end", "60")
    ]
    said = [process.communicate(timeout=deadline()) for process in both]
    codes = [process.returncode for process in both]
    assert 0 in codes, said
    assert set(codes) <= {0, REFUSED}, said
    assert [path.name for path in root.iterdir()] == ["a.py"]
    content = (root / "a.py").read_text()
    assert whole.startswith(content.removesuffix("\n"))


def test_recorded_text_cannot_lie_to_the_terminal(home: Path, tmp_path: Path) -> None:
    del home
    root = tmp_path / "project"
    journal = typed(root, "a.py", f"needle {HOSTILE}")
    path = "sub/b\u202egnp.\u200bpy"
    journal.open(path, f"needle {HOSTILE}\n")
    journal.step("task", text=f"needle\n  forged {HOSTILE}", stated="live")
    journal.step("command", line=f"needle {HOSTILE}\nforged", exit_code=1, output_state="none")
    live_session(root, journal)
    for words in (
        ("find", "needle"),
        ("today", "--since", "2000-01-01"),
        ("today", "--since", "2000-01-01", "--markdown"),
        ("restore", path),
        ("restore", path, "--at", "end", "--yes"),
    ):
        said = signoff(*words, cwd=root)
        assert said.returncode == 0, (words, said.stderr)
        shown = said.stdout + said.stderr
        assert not set(shown) & set("\x1b\x07\r\u202e\u2066\u200b"), words
        assert not [line for line in shown.splitlines() if line.strip().startswith("forged")], words
    for words in (("find", "needle"), ("today", "--since", "2000-01-01")):
        said = signoff(*words, "--json", cwd=root)
        assert said.stdout.isascii()
        assert [json.loads(line) for line in said.stdout.splitlines()]


def test_no_piece_of_a_known_value_is_shown_by_any_of_them(home: Path, tmp_path: Path) -> None:
    del home
    root = tmp_path / "project"
    secret, key = random_secret(11), [random_secret(12), random_secret(13)]
    filler = "x " * 44
    journal = Journal(root=root, wall_ns=SystemClock().wall_ns())
    journal.open("a.py", f"{filler}{secret}{filler}needle\n{key[0]}\n{key[1]} needle\n")
    journal.change("a.py", (0, 0), (0, 0), "n")
    journal.step("note", text=f"needle {filler}{secret}", stated="live")
    journal.step("task", text=f"needle {secret}", stated="live")
    journal.step(
        "command", line=f"needle {'y' * 40} {secret}", exit_code=1, output_state="none",
        disk=[],
    )  # fmt: skip
    live_session(root, journal)
    env = {"API_TOKEN": secret, "PRIVATE_KEY": "\n".join(key)}
    pieces = {piece for one in (secret, *key) for piece in windows(one)}
    for words in (
        ("find", "needle"),
        ("find", "needle", "--json"),
        ("find", "needle", "--regex", "--json"),
        ("find", f"{secret}nowhere"),
        ("today", "--since", "2000-01-01"),
        ("today", "--since", "2000-01-01", "--json"),
        ("restore", "a.py"),
        ("restore", "a.py", "--json"),
        ("restore", "a.py", "--at", "end", "--yes"),
    ):
        said = signoff(*words, cwd=root, env=env)
        shown = said.stdout + said.stderr
        assert not [piece for piece in pieces if piece in shown], (words, shown)
    assert secret in (root / "a.py").read_text()
    assert resolve_home().exists
