"""`signoff review` with its page: opened, opened again, killed, left; by one user only."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.deadline import deadline, wait_until
from tests.support.page_sign_off import sign_on_page
from tests.support.review_page import (
    ASIDE,
    CLIENT,
    ServedReview,
    Way,
    exchange,
    open_page,
    path_when_loaded_again,
    put_base,
    recorded_day,
    sealed_day,
    send,
    way_in,
)
from tests.support.terminal import Terminal
from tests.test_nothing_leaves import HOOKED, OUTGOING, judge_child

from signoff_collector.own_files.home import resolve_home
from signoff_collector.programs.fixed_programs import describe

pytestmark = pytest.mark.slow

REVIEW = [sys.executable, "-I", "-m", "signoff_collector", "review"]
OTHER_UID = 65534
OPENER = """#!/bin/sh
printf '%s\\n' "$@" >"{log}.argv.new"
env >"{log}.env"
mv "{log}.argv.new" "{log}.argv"
"""
STRANGER = """
import encodings.idna, json, os, socket, sys
redirect, port, host = json.load(sys.stdin)
uid = int(sys.argv[1])
os.setgroups([]); os.setgid(uid); os.setuid(uid)
got = []
for flags in (os.O_RDONLY, os.O_WRONLY):
    try:
        os.open(redirect, flags)
        got.append("opened the redirect file")
    except OSError:
        pass
for path in ("/", "/api/review", "/api/base", "/" + "A" * 43):
    with socket.create_connection(("127.0.0.1", port), 30) as one:
        one.sendall(f"GET {path} HTTP/1.1\\r\\nHost: {host}\\r\\n\\r\\n".encode())
        pieces = []
        while piece := one.recv(65536):
            pieces.append(piece)
    head, _, body = b"".join(pieces).partition(b"\\r\\n\\r\\n")
    if not head.startswith(b"HTTP/1.1 404 ") or body:
        got.append(path)
print(json.dumps(got))
"""


@pytest.fixture
def base(home: Path) -> Path:
    return sealed_day()


@pytest.fixture
def desktop(home: Path, tmp_path: Path) -> dict[str, str]:
    """The environment of a desktop whose opener only notes what it was told to open."""
    opener = tmp_path / "xdg-open"
    opener.write_text(OPENER.format(log=tmp_path / "opened"))
    opener.chmod(0o755)
    found = describe("xdg-open", opener)
    assert found is not None
    fixed = {"path": str(opener), "size_bytes": found.size_bytes, "mtime_ns": found.mtime_ns}
    place = resolve_home().ensure().config / "programs.json"
    place.write_text(json.dumps({"version": 1, "programs": {"xdg-open": fixed}}))
    place.chmod(0o600)
    return {**os.environ, "DISPLAY": ":4711", "BROWSER": "/bin/false", "LD_AUDIT": ""}


def opened(tmp_path: Path) -> list[str]:
    """Wait for the opener, and return its arguments once."""
    place = tmp_path / "opened.argv"
    wait_until(place.exists, "the opener is started")
    said = place.read_text().splitlines()
    place.unlink()
    return said


def secrets_of(pid: int) -> bytes:
    """Return what other processes may read of one: its arguments and first environment."""
    if not Path("/proc/self/environ").exists():
        pytest.skip("only Linux shows the environment of processes as files")
    return Path(f"/proc/{pid}/cmdline").read_bytes() + Path(f"/proc/{pid}/environ").read_bytes()


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS opens files with its own `open`")
def test_the_page_is_opened_by_a_private_file_and_again_at_enter(
    base: Path, desktop: dict[str, str], tmp_path: Path
) -> None:
    with Terminal(REVIEW, env=desktop) as terminal:
        terminal.expect("opening the review in your browser")
        terminal.expect("Enter opens it again")
        (first,) = opened(tmp_path)
        way = way_in(Path(first))
        environment = (tmp_path / "opened.env").read_text()
        assert "DISPLAY=:4711" in environment
        assert "BROWSER" not in environment
        client, _ = open_page(way)
        terminal.send("")
        terminal.expect("opening the review in your browser")
        (second,) = opened(tmp_path)
        again = way_in(Path(second))
        assert again.token != way.token
        assert client.get("/api/review").status == 404
        shown = secrets_of(terminal._process.pid)
        for token in (way.token, again.token, client.bearer):
            assert token.encode() not in shown
            assert token not in terminal.output + environment
        terminal._process.send_signal(signal.SIGINT)
        terminal.expect("its plan stays")
        assert terminal.end() == 0
    assert not list(resolve_home().state.glob("review-*.html"))


def test_without_a_display_the_terminal_is_offered(base: Path) -> None:
    lines = {**os.environ, "SIGNOFF_PLAIN": "1"}
    with Terminal(REVIEW, env=lines) as terminal:
        terminal.expect("there is no display here")
        terminal.expect("`signoff review --no-browser`")
        terminal.expect("Review in this terminal instead? [Y/n]")
        terminal.send("")
        terminal.expect("review>")
        terminal.send("quit")
        assert terminal.end() == 0
    remote = {**lines, "DISPLAY": ":4711", "SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}
    with Terminal(REVIEW, env=remote) as terminal:
        terminal.expect("on another machine than your browser (ssh)")
        terminal.send("n")
        terminal.expect("`signoff review --terminal`")
        assert terminal.end() == 13


def test_a_review_that_is_killed_goes_on_where_it_was(base: Path) -> None:
    with ServedReview(base) as killed:
        client = killed.open()
        assert client.put_plan(keeps=[{"task": 1}]).status == 200
        made = client.post("/api/keeps/0/final", {})
        assert made.status == 200
        left_over = killed.press_enter().redirect
        killed.process.kill()
        killed.wait()
    state = resolve_home().state
    assert left_over.exists()
    assert list(state.glob("final-*"))
    with ServedReview(base) as served:
        told = served.open().get("/api/review").json()
        assert (told["revision"], told["can_undo"]) == (1, True)
        assert [keep["task"] for keep in told["plan"]["keeps"]] == [1]  # type: ignore[index]
        assert not left_over.exists()
        assert not list(state.glob("final-*"))
        assert served.end() == 0


def test_a_second_review_of_an_episode_is_told_of_the_first(base: Path) -> None:
    with ServedReview(base) as first, ServedReview(base) as second:
        one = first.open()
        two = second.open()
        assert one.put_plan(keeps=[{"task": 0}]).status == 200
        assert two.get("/api/review").json()["revision"] == 1
        assert {first.end(), second.end()} == {0}
        said = [first.said(), second.said()]
    assert sorted("open in another review" in text for text in said) == [False, True]
    assert not list((resolve_home().state / "reviews").glob("*.open"))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_it_and_takes_the_way_in_away(base: Path, number: int) -> None:
    with ServedReview(base) as served:
        way = served.next_way()
        assert way.redirect.exists()
        assert served.end(number) == 0
        assert not way.redirect.exists()


def test_the_end_of_input_and_leaving_in_the_page_end_it(base: Path) -> None:
    with ServedReview(base) as served:
        served.next_way()
        assert served.process.stdin is not None
        served.process.stdin.close()
        assert served.wait() == 0
    with ServedReview(base) as served:
        assert served.open().post("/api/leave", {}).status == 200
        assert served.wait() == 0
        assert "its plan stays" in served.said()


def test_nothing_recorded_and_no_token_is_said_whatever_is_asked(base: Path) -> None:
    with ServedReview(base) as served:
        way = served.next_way()
        client, page = open_page(way)
        again = path_when_loaded_again(page)
        client.put_plan(keeps=[{"task": 0}], surprise=CLIENT)
        client.put_plan(keeps=[{"task": 0}], cut_files=[77])
        client.post("/api/mask", {"value": ASIDE, "surprise": CLIENT})
        client.post("/api/mask", {"value": ASIDE})
        client.get("/api/keeps/9999999999999999999999/preview")
        client.get(f"/api/keeps/0/check/{CLIENT}")
        exchange(way.port, b"\xff" * 3000 + way.token.encode(), closes=True)
        assert send(way.port, "GET", again, {"Host": way.host, "Connection": "close"}).status == 200
        shown = secrets_of(served.process.pid)
        assert served.end() == 0
        said = served.said()
    assert "the page was loaded again" in said
    for text in (way.token, again, client.bearer, CLIENT, ASIDE, "Traceback", "\U0001f600"):
        assert text not in said
        assert text.encode() not in shown


def test_the_page_is_served_without_reaching_out(base: Path, tmp_path: Path) -> None:
    log = tmp_path / "events"
    hooked = (sys.executable, "-I", "-c", HOOKED, log, json.dumps(sorted(OUTGOING)), "verb")
    with ServedReview(base, program=hooked) as served:
        client = served.open()
        assert client.put_plan(keeps=[{"task": 0}]).status == 200
        client.accept_all()
        sha256 = client.post("/api/keeps/0/final", {}).json()["sha256"]
        content = client.get(f"/api/final/{sha256}").body
        seen = {"sha256": hashlib.sha256(content).hexdigest(), "files": [0], "outputs": []}
        assert client.post(f"/api/final/{sha256}/seen", seen).status == 200
        terms = client.get(f"/api/final/{sha256}/terms").json()
        chosen = {
            "audience": (tmp_path / "store").as_uri(), "owner": "mine", "confirmed_unseen": True,
            "notice_sha256": terms["notice_sha256"],
        }  # fmt: skip
        assert client.post(f"/api/final/{sha256}/sign", chosen).status == 200
        assert served.end() == 0
        assert f"{sha256[:16]}.episode --to {chosen['audience']}" in served.said()
    rows = [json.loads(line) for line in log.read_text().splitlines()]
    outgoing = [row for row in rows if row["event"] in OUTGOING]
    assert [row["event"] for row in outgoing] == ["socket.bind"]
    assert outgoing[0]["arguments"][1] == "('127.0.0.1', 0)"
    for row in rows:
        if row not in outgoing:
            judge_child(row["program"], row["arguments"], row["environment"])


def test_another_user_of_the_machine_gets_nothing(served_for_all: Way) -> None:
    way = served_for_all
    done = subprocess.run(
        [sys.executable, "-I", "-c", STRANGER, str(OTHER_UID)],
        input=json.dumps([str(way.redirect), way.port, way.host]),
        capture_output=True,
        text=True,
        timeout=deadline(),
        check=False,
    )
    assert json.loads(done.stdout) == [], done.stderr
    assert open_page(way)[0].get("/api/review").status == 200


@pytest.fixture
def served_for_all(monkeypatch: pytest.MonkeyPatch) -> Iterator[Way]:
    """Serve from a home below folders that everybody may enter, as other users see /home."""
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("only root can be another user for a moment")
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        monkeypatch.setenv("SIGNOFF_HOME", str(Path(folder, "home")))
        from signoff_collector.episode.file.writer import write_episode

        base = put_base(write_episode(recorded_day()))
        with ServedReview(base) as served:
            yield served.next_way()


def test_without_a_terminal_or_an_episode_it_says_so(home: Path) -> None:
    with ServedReview() as served:
        assert served.wait() == 10
        assert "there is no sealed episode yet" in served.said()
    place = put_base(b"not an episode")
    with ServedReview(place) as served:
        assert served.wait() == 11
        assert "Traceback" not in served.said()


def test_a_recovery_code_that_nobody_saved_is_told_to_the_program_and_shown_again(
    home: Path, tmp_path: Path
) -> None:
    """A program holds the review, and its window goes before "I saved it"."""
    base = sealed_day()
    with ServedReview(base) as review:
        signed = sign_on_page(review.open(), tmp_path / "store")
        (row,) = map(json.loads, review.hang_up().splitlines())
    assert row == {"recovery_code": signed["recovery_code"]}
    with ServedReview(base) as review:
        client = review.open()
        again = sign_on_page(client, tmp_path / "other", {"task": 1})
        assert again["recovery_code"] == signed["recovery_code"]
        assert client.post("/api/recovery-saved", {"confirmed": True}).status == 200
        assert review.hang_up() == ""
    with ServedReview(base) as review:
        last = sign_on_page(review.open(), tmp_path / "third", {"task": 1})
    assert last["recovery_code"] is None
