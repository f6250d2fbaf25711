"""`signoff import` as a person calls it."""

from __future__ import annotations

import json
import os
import random
import stat
from pathlib import Path

import pytest
from tests.support.cli import signoff
from tests.support.episodes import ASTRAL
from tests.support.imports import ATIF, CAST_2, CLAUDE, CODEX, CROWD_1, SAMPLES

from signoff_collector.commands import import_trace
from signoff_collector.episode.file.reader import read_episode
from signoff_collector.imports.atif import trajectory_of
from signoff_collector.system.files import file_systems
from signoff_schemas.steps import CommandStep, step_json

pytestmark = pytest.mark.slow


def write_trace(folder: Path, **changes: object) -> Path:
    """Write a small trace and return its path."""
    trace = {
        "startContent": "",
        "endContent": f"one {ASTRAL}\ntwo",
        "txns": [
            {"time": f"2023-05-14T10:00:0{i // 4}.{i % 4 * 250:03d}Z", "patches": [[i, 0, char]]}
            for i, char in enumerate(f"one {ASTRAL}\ntwo")
        ],
    }
    path = folder / "notes.json"
    path.write_text(json.dumps({**trace, **changes}))
    return path


def test_a_trace_becomes_a_private_episode_that_checks(home: Path, tmp_path: Path) -> None:
    output = tmp_path / "x.episode"
    said = signoff(
        "import", write_trace(tmp_path), "--format", "editing-trace", "-o", output, "--json"
    )
    assert said.code == 0, said
    row = json.loads(said.out)
    assert row["edits"] == 10
    assert row["size_bytes"] == output.stat().st_size
    assert stat.S_IMODE(output.stat().st_mode) == 0o600
    checked = signoff("check", output, "--json")
    assert checked.code == 0, checked
    assert json.loads(checked.out)["matched"] == 1
    assert not home.exists()


def test_times_can_be_left_out_or_come_from_a_file(home: Path, tmp_path: Path) -> None:
    trace = write_trace(tmp_path)
    times = tmp_path / "times.txt"
    times.write_text("\n".join(str(1_700_000_000 + 60 * i) for i in range(10)))
    call = ("import", trace, "--format", "editing-trace", "--no-redact", "-o")
    assert signoff(*call, tmp_path / "none.episode", "--no-times").code == 0
    assert signoff(*call, tmp_path / "file.episode", "--times", times).code == 0
    shown = json.loads(signoff("show", tmp_path / "none.episode", "--json").out)
    assert shown["header"]["time_resolution"] == "none"
    shown = json.loads(signoff("show", tmp_path / "file.episode", "--json").out)
    assert shown["header"]["duration_ns"] == 540 * 10**9
    both = signoff(*call, tmp_path / "both.episode", "--times", times, "--no-times")
    assert both.code == 2, both
    assert not home.exists()


def test_an_existing_file_is_never_replaced(home: Path, tmp_path: Path) -> None:
    output = tmp_path / "x.episode"
    output.write_bytes(b"mine")
    said = signoff("import", write_trace(tmp_path), "--format", "editing-trace", "-o", output)
    assert said.code == 13, said
    assert output.read_bytes() == b"mine"
    assert not home.exists()


def test_bad_input_is_an_error_with_the_documented_code(home: Path, tmp_path: Path) -> None:
    call = ("--format", "editing-trace", "-o", tmp_path / "x.episode")
    missing = signoff("import", tmp_path / "none.json", *call)
    assert missing.code == 10, missing
    contradicting = signoff("import", write_trace(tmp_path, endContent="other"), *call)
    assert contradicting.code == 11, contradicting
    for said in (missing, contradicting):
        assert said.err.startswith("error: ")
        assert "Traceback" not in said.err
    assert signoff("import", write_trace(tmp_path), "--format", "foo", "-o", "y").code == 2
    assert not (tmp_path / "x.episode").exists()
    assert not home.exists()


@pytest.mark.usefixtures("compiled_engine")
def test_what_sealing_compiled_is_used(home: Path, tmp_path: Path) -> None:
    """A cache that is torn is made good again, so it was looked at; nothing else is written."""
    [cache] = (home / "state" / "engines").iterdir()
    whole = cache.stat().st_size
    cache.write_bytes(cache.read_bytes()[: whole // 2])
    before = set(home.rglob("*"))
    trace = write_trace(tmp_path)
    said = signoff("import", trace, "--format", "editing-trace", "-o", tmp_path / "x.episode")
    assert said.code == 0, said
    assert cache.stat().st_size == whole
    assert set(home.rglob("*")) == before


@pytest.mark.usefixtures("compiled_engine")
@pytest.mark.parametrize("format_name", sorted(SAMPLES))
def test_a_recording_of_each_format_is_checked_shown_and_checked_out(
    tmp_path: Path, format_name: str
) -> None:
    for number, content in enumerate(SAMPLES[format_name]):
        source, output = tmp_path / f"{number}.in", tmp_path / f"{number}.episode"
        source.write_bytes(content)
        said = signoff("import", source, "--format", format_name, "-o", output, "--json")
        assert said.code == 0, said
        row = json.loads(said.out)
        assert row["format"].startswith(format_name)
        assert row["said"]
        assert row["steps"] > 0
        for call in (
            ("check", output),
            ("show", output, "--steps"),
            ("replay", output, "--at", "0", "--json"),
            ("checkout", output, tmp_path / f"out{number}", "--at", "end"),
        ):
            answer = signoff(*call)
            assert answer.code == 0, (call, answer)


def test_what_is_not_exact_is_said_in_words(home: Path, tmp_path: Path) -> None:
    source, output = tmp_path / "demo.cast", tmp_path / "x.episode"
    source.write_bytes(CAST_2)
    said = signoff("import", source, "--format", "asciicast", "--no-redact", "-o", output)
    assert said.code == 0, said
    assert "not exact: a recording of a terminal knows no files" in said.out
    assert "changes of the terminal's size left out: 1" in said.out
    assert "never signed as your own" in said.out
    for verb in ("sign", "upload"):
        refused = signoff(verb, output, "--to", (tmp_path / "store").as_uri())
        assert refused.code == 13, refused
        assert "imported (format asciicast)" in refused.err
    del home


def test_a_folder_of_several_people_asks_for_one(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "set"
    (folder / "CodeStates" / "1").mkdir(parents=True)
    (folder / "CodeStates" / "1" / "a.py").write_text(ASTRAL)
    (folder / "CodeStates" / "1" / "link").symlink_to("/dev/zero")
    (folder / "MainTable.csv").write_text(
        "SubjectID,EventType,CodeStateID\nada,Submit,1\nbob,Submit,1\n"
    )
    output = tmp_path / "x.episode"
    call = ("import", folder, "--format", "progsnap2", "--no-redact", "-o", output)
    said = signoff(*call)
    assert said.code == 2, said
    assert "2 people: ada, bob" in said.err
    assert "--subject" in said.err
    assert signoff(*call, "--subject", "eve").code == 10
    assert signoff(*call, "--subject", "bob").code == 0
    del home


def test_what_is_no_file_is_refused(home: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for place in ("/dev/zero", "/dev/null", pipe, tmp_path):
        said = signoff("import", place, "--format", "codex", "-o", tmp_path / "x.episode")
        assert said.code == 11, said
        assert "Traceback" not in said.err
        assert "signoff list" not in said.err
        assert place == tmp_path or "save what a pipe gives in a file first" in said.err
    missing = signoff("import", tmp_path / "no", "--format", "codex", "-o", tmp_path / "x.episode")
    assert "signoff list" not in missing.err
    del home


@pytest.mark.skipif(not Path("/proc/self/mountinfo").exists(), reason="no file system of processes")
def test_a_folder_whose_files_the_kernel_makes_up_is_refused_unread(
    home: Path, tmp_path: Path
) -> None:
    call = ("--format", "progsnap2", "-o", tmp_path / "x.episode")
    for place in ("/proc", "/proc/self", "/sys"):
        said = signoff("import", place, *call)
        assert said.code == 11, said
        assert "whose files the system makes up as they are read" in said.err
        assert "Name the folder in which the data set lies" in said.err
    del home


def test_what_the_kernel_makes_up_inside_a_data_set_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Mounting takes rights that tests have not, so only the table of mounts is made up here."""
    mounted = tmp_path / "proc"
    (mounted / "1").mkdir(parents=True)
    for place in (tmp_path, mounted, mounted / "1"):
        (place / "MainTable.csv").write_text(ASTRAL)
    monkeypatch.setattr(os.path, "ismount", lambda place: Path(place) == mounted)
    monkeypatch.setattr(
        file_systems, "file_system_of", lambda place: "proc" if place == mounted else "ext4"
    )
    assert list(import_trace._files_of(tmp_path)) == ["MainTable.csv"]


@pytest.mark.parametrize("format_name", ["asciicast", "claude-code", "codex"])
def test_a_torn_last_line_is_left_out_and_said_whether_it_ends_or_not(
    home: Path, tmp_path: Path, format_name: str
) -> None:
    whole = SAMPLES[format_name][-1]
    for number, torn in enumerate((b'{"type": "us', b'{"type": "us\n', b'[1.0, "o\r\n\n')):
        source, output = tmp_path / f"{number}.in", tmp_path / f"{number}.episode"
        source.write_bytes(whole + torn)
        call = ("import", source, "--format", format_name, "--no-redact", "-o", output)
        said = signoff(*call)
        assert said.code == 0, said
        assert "not exact: torn lines at the end left out: 1" in said.out
        source.write_bytes(whole + torn + b"\n" + whole.splitlines()[-1] + b"\n")
        output.unlink()
        assert signoff(*call).code == 11
    del home


@pytest.mark.usefixtures("compiled_engine")
@pytest.mark.parametrize(
    ("format_name", "content"),
    [
        ("crowd-code", CROWD_1.replace(b"/home/ada/shop", b"/home/jdoe/secret-client/src")),
        ("crowd-code", CROWD_1.replace(b"/home/ada/shop", rb"C:\Users\jdoe")),
        ("crowd-code", CROWD_1.replace(b"pytest -q", b"scp x jdoe@bighost:/srv")),
        ("asciicast", CAST_2.replace(b'"command"', b'"env": {"USER": "jdoe"}, "command"')),
        ("claude-code", CLAUDE.replace(b"/home/ada", b"/home/jdoe")),
        ("codex", CODEX.replace(b"/home/ada", b"/home/jdoe")),
        ("atif", json.dumps(ATIF).replace("cart.py", "/home/jdoe/cart.py").encode()),
    ],
)
def test_the_people_whom_a_recording_names_are_masked_in_it(
    tmp_path: Path, format_name: str, content: bytes
) -> None:
    source, output = tmp_path / "in", tmp_path / "x.episode"
    prompt = "jdoe@bighost:~$ "
    for shown in ("1 passed", "$ echo", "Exit code 1", "Success\\n", "1 failed"):
        content = content.replace(shown.encode(), f"{prompt}{shown}".encode())
    content = content.replace(b"/home/ada", b"/home/jdoe")
    source.write_bytes(content)
    assert prompt.encode() in content
    call = ("import", source, "--format", format_name, "-o")
    assert signoff(*call, output).code == 0
    episode = read_episode(output)
    told = json.dumps([step_json(step) for step in episode.steps]) + "".join(episode.files)
    assert "jdoe" not in told
    assert "bighost" not in told
    assert "secret-client" not in "".join(episode.files)
    assert signoff(*call, tmp_path / "plain", "--no-redact").code == 0
    plain = json.dumps([step_json(step) for step in read_episode(tmp_path / "plain").steps])
    assert prompt in plain


@pytest.mark.usefixtures("compiled_engine")
def test_a_secret_in_a_call_is_masked_and_the_trajectory_stays_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = random.Random(7).randbytes(20).hex()  # noqa: S311  the same each time
    monkeypatch.setenv("SHOP_API_TOKEN", secret)
    changed = json.dumps(ATIF).replace("pytest -q", f"login {secret}")
    changed = changed.replace('"half": 0.1', f'"kept": "{secret}"')
    source, output = tmp_path / "t.json", tmp_path / "x.episode"
    source.write_text(changed)
    said = signoff("import", source, "--format", "atif", "-o", output)
    assert said.code == 0, said
    episode = read_episode(output)
    found = trajectory_of(episode)
    assert found is not None
    assert secret not in json.dumps(found)
    asked = json.loads(changed)["steps"][2]["tool_calls"][1]["arguments"]["command"]
    [line] = [one.line for one in episode.steps if isinstance(one, CommandStep)]
    assert asked == f"login {secret}"
    assert line is not None
    assert line.startswith("login ")
    assert line in json.dumps(found, ensure_ascii=False)
    assert secret not in json.dumps([step_json(step) for step in episode.steps])
