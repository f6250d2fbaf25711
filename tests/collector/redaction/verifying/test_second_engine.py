"""The second engine: it finds, needs no network, and without it nothing is sealed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.leaks import leaks_in_bytes, leaks_in_episode, random_secret
from tests.support.seal_journals import Journal
from tests.support.seal_sessions import LIMIT_S, make_session, signoff
from tests.support.typist import Typist

from signoff_collector.capture.sessions.session_life import try_sweep_lock
from signoff_collector.capture.sessions.sessions import Session
from signoff_collector.episode.file.strict import strict_check
from signoff_collector.own_files.home import resolve_home
from signoff_collector.redaction import redactor
from signoff_collector.redaction.interface import RedactionPolicy
from signoff_collector.redaction.redactor import Redactor
from signoff_collector.redaction.verifying import second_engine
from signoff_collector.redaction.verifying.second_engine import SecondHit, load_second_engine
from signoff_schemas.errors import RefusedError

pytestmark = pytest.mark.slow

ASTRAL = "😀🚀"


def recorded(root: Path, text: str = f"one {ASTRAL}\n") -> Session:
    session = make_session(root)
    editor = Journal(
        root=session.root,
        boot_id=session.boot_id,
        t_boot_ns=session.started_boot_ns,
        wall_ns=session.started_wall_ns,
    )
    editor.open("a.py", text)
    editor.evidence("a.py", "key", 1)
    editor.change("a.py", (0, 0), (0, 0), "x", 1)
    editor.save("a.py", f"x{text}")
    editor.write(session.folder)
    return session


def test_it_finds_what_it_knows_plain_and_in_base64() -> None:
    import base64

    engine = load_second_engine()
    secret = "ghp_" + random_secret(81, 36)
    for text in (secret, base64.b64encode(f"token = '{secret}'\n".encode()).decode()):
        found = engine.find(f"{ASTRAL} x = '{text}'  # noqa  kingfisher:ignore\n")
        assert secret in {hit.value for hit in found}
    assert engine.find(f"{ASTRAL} x = compute(1)\n\ud800") == []


def test_a_damaged_cache_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "engines"
    folder.mkdir(mode=0o700)
    for round_ in range(2):
        monkeypatch.setattr(second_engine, "_loaded", {})
        load_second_engine(folder)
        (path,) = folder.iterdir()
        assert path.stat().st_mode & 0o077 == 0
        if not round_:
            content = bytearray(path.read_bytes())
            content[len(content) // 2] ^= 0x55
            path.write_bytes(content)
            damaged = bytes(content)
    assert path.read_bytes() != damaged


@pytest.mark.parametrize("fault", ["missing", "finds nothing"])
def test_without_a_working_engine_nothing_is_redacted(
    fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import kingfisher_sdk

    monkeypatch.setattr(second_engine, "_loaded", {})
    if fault == "missing":
        monkeypatch.setitem(sys.modules, "kingfisher_sdk", None)
    else:
        monkeypatch.setattr(kingfisher_sdk.Scanner, "scan", lambda *_, **__: [])
    typist = Typist()
    typist.open("a.py", f"# {ASTRAL}\n")
    with pytest.raises(RefusedError, match="second secret scanner") as refused:
        Redactor(RedactionPolicy()).redact_episode(typist.episode())
    assert refused.value.hint is not None


_SEAL_WITHOUT = """
import sys
sys.modules[sys.argv[1]] = None
from signoff_collector.cli import main
sys.exit(main(["seal", sys.argv[2]]))
"""


@pytest.mark.parametrize("package", ["kingfisher_sdk", "re2"])
def test_a_missing_detector_is_exit_13_and_status_says_so(
    home: Path, tmp_path: Path, package: str
) -> None:
    session = recorded(tmp_path / "project")
    nobody_else = try_sweep_lock(resolve_home())
    assert nobody_else is not None
    with nobody_else:  # `list` begins a sweep, which would seal it with all there is
        result = subprocess.run(
            [sys.executable, "-c", _SEAL_WITHOUT, package, session.id],
            cwd=session.root, capture_output=True, text=True, timeout=LIMIT_S, check=False,
        )  # fmt: skip
        assert result.returncode == 13, result.stderr
        assert "hint: " in result.stderr
        assert not list((home / "data" / "episodes").glob("*.episode"))
        listed = [
            json.loads(row) for row in signoff("list", "--json", cwd=tmp_path).stdout.splitlines()
        ]
        assert [row["state"] for row in listed if row["kind"] == "session"] == ["blocked"]
        said = json.loads(signoff("status", "--json", cwd=tmp_path).stdout)
        assert said["blocked"][0]["session"] == session.id
        assert said["blocked"][0]["hint"]
    sealed = signoff("seal", session.id, "--json", cwd=tmp_path)
    assert sealed.returncode == 0, sealed.stderr


class _Knowing:
    """An engine that knows one value."""

    version = "test"

    def __init__(self, value: str) -> None:
        self.value = value

    def find(self, text: str) -> list[SecondHit]:
        return [SecondHit(self.value, "a-rule")] if self.value in text else []


def test_what_only_the_second_engine_knows_is_masked_everywhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    value = "hello-" + "walkers"
    monkeypatch.setattr(redactor, "load_second_engine", lambda _: _Knowing(value))
    typist = Typist()
    typist.open("a.py", f"# {ASTRAL}\n")
    typist.type_at_end("a.py", f"greet = '{value}'\n")
    typist.save("a.py")
    typist.command(["say"], f"said {value}\n")
    redacted, data = Redactor(RedactionPolicy()).seal_episode(typist.episode())
    assert value not in str(redacted)
    assert value.encode() not in data
    assert "second engine: a-rule" in redacted.header.masks.values()


_GUARDED = """
import ctypes, platform, struct, sys
number = {"x86_64": 41, "aarch64": 198}[platform.machine()]
def op(code, k, yes=0, no=0):
    return struct.pack("HBBI", code, yes, no, k)
program = ctypes.create_string_buffer(b"".join([
    op(0x20, 0), op(0x15, number, 0, 5),    # another call than socket(2)
    op(0x20, 16), op(0x15, 10, 4, 0),       # AF_INET6
    op(0x15, 2, 0, 2),                      # AF_INET: only to ask whether the loopback is up
    op(0x20, 24), op(0x15, 0x80002, 0, 1),
    op(0x06, 0x7FFF0000), op(0x06, 0x80000000),
]))
class Filter(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_void_p)]
libc = ctypes.CDLL(None, use_errno=True)
chosen = Filter(9, ctypes.addressof(program))
if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, ctypes.byref(chosen), 0, 0):
    sys.exit(77)
if sys.argv[1] == "connect":
    import socket
    socket.socket().connect_ex(("127.0.0.1", 9))
from signoff_collector.cli import main
sys.exit(main(sys.argv[1:]))
"""
"""Kills the process, and every child of it, when it makes a socket to send through."""


def _guarded(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", _GUARDED, *arguments],
        cwd=cwd, capture_output=True, text=True, timeout=LIMIT_S, check=False,
    )  # fmt: skip


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="seccomp is of Linux")
def test_a_first_sealing_with_empty_caches_opens_no_connection(home: Path, tmp_path: Path) -> None:
    secret = "ghp_" + random_secret(82, 36)
    session = recorded(tmp_path / "project", f"{ASTRAL} token = '{secret}'\n")
    assert not (home / "state" / "engines").exists()
    control = _guarded("connect", cwd=session.root)
    if control.returncode == 77:
        pytest.skip("this system allows no seccomp filter")
    assert control.returncode < 0, control.stderr
    result = _guarded("seal", session.id, "--json", cwd=session.root)
    assert result.returncode == 0, result.stderr
    data = Path(json.loads(result.stdout.splitlines()[-1])["episode"]).read_bytes()
    episode = strict_check(data)
    assert leaks_in_bytes(data, [secret]) == []
    assert leaks_in_episode(episode, [secret]) == []
    assert episode.header.versions["second_engine"]
    assert not {path.name for path in Path(os.environ["HOME"]).iterdir()} - {".gitconfig"}


def test_sealing_with_a_full_and_with_an_empty_cache_gives_the_same_bytes(
    home: Path, tmp_path: Path
) -> None:
    session = recorded(tmp_path / "project", f"{ASTRAL} t = 'ghp_{random_secret(83, 36)}'\n")
    seen = set()
    for _ in range(2):
        result = signoff("seal", session.id, "--json", cwd=session.root)
        assert result.returncode == 0, result.stderr
        path = Path(json.loads(result.stdout.splitlines()[-1])["episode"])
        seen.add(path.read_bytes())
        assert list((home / "state" / "engines").iterdir())
        path.unlink()
        (session.folder / "sealed.json").unlink()
    assert len(seen) == 1
