"""Another user of the machine sees and reaches nothing of ours, whatever the umask says."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.support.bridge import at, bridge, sessions
from tests.support.deadline import deadline
from tests.support.pseudo_terminal import Terminal

pytestmark = pytest.mark.slow

OTHER_UID = 65534
LIMIT_S = 240
TYPED = "zq\U0001f600\U00010348zq"
"""What is typed; it must be on no command line."""

HOOKED = """
import ctypes, json, os, sys
os.umask(0)
log = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
def hook(event, arguments):
    if event == "subprocess.Popen":
        words = [os.fsdecode(word) for word in arguments[1]]
        os.write(log, json.dumps({"argv": words}).encode() + b"\\n")
sys.addaudithook(hook)
from signoff_collector.cli import main
code = main(sys.argv[2:])
if sys.platform == "linux":
    row = {"verb": sys.argv[2], "dumpable": ctypes.CDLL(None).prctl(3, 0, 0, 0, 0)}
    os.write(log, json.dumps(row).encode() + b"\\n")
sys.stdout.flush()
os._exit(code)
"""

ATTACK = """
import ctypes, json, os, sys
paths, pids = json.load(sys.stdin)
os.setgroups([]); os.setgid(%(uid)d); os.setuid(%(uid)d)
got = []
def attempt(what, action):
    try:
        action()
    except OSError:
        return
    got.append(what)
for path in paths:
    attempt("list " + path, lambda: os.listdir(path))
    attempt("read " + path, lambda: os.open(path, os.O_RDONLY | os.O_NONBLOCK))
    attempt("write " + path, lambda: os.open(path, os.O_WRONLY | os.O_NONBLOCK))
    attempt("create in " + path, lambda: os.open(path + "/planted", os.O_WRONLY | os.O_CREAT))
    attempt("remove " + path, lambda: os.unlink(path))
    attempt("rename " + path, lambda: os.rename(path, path + ".away"))
libc = ctypes.CDLL(None, use_errno=True)
for pid in pids:
    for name in ("mem", "environ", "maps", "auxv", "stack"):
        attempt(f"read {name} of {pid}", lambda: os.read(os.open(f"/proc/{pid}/{name}", 0), 1))
    attempt(f"list files of {pid}", lambda: os.listdir(f"/proc/{pid}/fd"))
    if libc.ptrace(16, pid, 0, 0) == 0:
        got.append(f"trace {pid}")
print(json.dumps(got))
"""


@dataclass(slots=True, kw_only=True)
class Lived:
    """A whole session, lived under umask 000 in folders that everybody may enter."""

    base: Path
    home: Path
    store: Path
    scratch: Path
    children: list[list[str]] = field(default_factory=list)
    dumpable: dict[str, int] = field(default_factory=dict)
    reached_while_it_ran: list[str] | None = None

    def paths(self) -> list[Path]:
        """Return every path of ours, the folders first."""
        found = [self.home, self.store]
        for top in (self.home, self.store):
            found += sorted(top.rglob("*"))
        return found


@pytest.fixture(scope="module")
def lived() -> Iterator[Lived]:
    before, umask = dict(os.environ), os.umask(0)
    base = Path(tempfile.mkdtemp(prefix="everybody-"))
    try:
        base.chmod(0o755)
        one = _live(base)
    except BaseException:
        shutil.rmtree(base, ignore_errors=True)
        raise
    finally:
        os.umask(umask)
        os.environ.clear()
        os.environ.update(before)
    yield one
    shutil.rmtree(base, ignore_errors=True)


def _live(base: Path) -> Lived:
    work, user = base / "work", base / "user"
    one = Lived(base=base, home=user / "data" / "signoff", store=base / "store",
                scratch=base / "scratch")  # fmt: skip
    for folder in (work, user, one.scratch):
        folder.mkdir(mode=0o777)
    for name in [name for name in os.environ if name.startswith(("SIGNOFF_", "XDG_", "GIT_"))]:
        del os.environ[name]
    os.environ.update(HOME=str(user), SIGNOFF_HOME=str(one.home), TMPDIR=str(one.scratch))
    (work / "a.py").write_text("x = 1\n")
    _call(one, "enable", work, "--yes", "--owner", "mine")
    with bridge(cwd=work) as editor:
        editor.initialize(rootUri=work.as_uri())
        uri = editor.open(work / "a.py")
        for version, char in enumerate(TYPED, 2):
            editor.change(uri, version, at(0, 0, 0, 0, char))
        editor.save(uri)
        editor.status()
        _call(one, "run", "--", "/bin/true", cwd=work)
        if os.geteuid() == 0:
            one.reached_while_it_ran = _attack(one.paths(), [editor.process.pid])
        assert editor.quit() == 0
    _call(one, "stop", work)
    assert sessions()
    sealed = json.loads(_call(one, "seal", "--json").splitlines()[-1])
    plan = base / "plan.json"
    keep = {"from_seq": 0, "to_seq": sealed["steps"] - 1}
    plan.write_text(
        json.dumps({"plan_version": 1, "base_sha256": sealed["sha256"], "keeps": [keep]})
    )
    said = _call(one, "review", sealed["episode"], "--plan", plan, "--leave-open", "99", "--json")
    shared = json.loads(said)["episode"]
    _call(one, "sign", shared, "--to", one.store, "--owner", "mine", is_person=True)
    _call(one, "upload", shared, "--to", one.store)
    _call(one, "verify", shared)
    return one


def _call(one: Lived, *words: object, cwd: Path | None = None, is_person: bool = False) -> bytes:
    """Run one verb; at a terminal, with a yes to all it asks, where a person has to."""
    log = one.base / "log"
    argv = [sys.executable, "-I", "-c", HOOKED, str(log), *map(str, words)]
    if is_person:
        with Terminal(argv, cwd=one.base / "work") as terminal:
            assert terminal.agree() == 0, terminal.shown
            _read_log(one, log)
            return terminal.shown
    done = subprocess.run(
        argv,
        cwd=cwd or one.base / "work",
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, (words, done.stderr.decode("utf-8", "replace"))
    _read_log(one, log)
    return done.stdout


def _read_log(one: Lived, log: Path) -> None:
    for row in map(json.loads, log.read_text().splitlines()):
        if "argv" in row:
            one.children.append(row["argv"])
        else:
            one.dumpable[row["verb"]] = row["dumpable"]
    log.unlink()


def _attack(paths: list[Path], pids: list[int]) -> list[str]:
    """Try everything as another user; return what worked."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", ATTACK % {"uid": OTHER_UID}],
        input=json.dumps([[str(path) for path in paths], pids]).encode(),
        capture_output=True,
        timeout=deadline(),
        check=False,
        cwd="/",
    )
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    found = json.loads(done.stdout)
    assert isinstance(found, list)
    return found


def test_every_file_of_ours_is_for_its_owner_alone_under_umask_000(lived: Lived) -> None:
    opened = {
        str(path.relative_to(lived.base)): oct(stat.S_IMODE(path.lstat().st_mode))
        for path in lived.paths()
        if stat.S_IMODE(path.lstat().st_mode) & 0o077
    }
    assert opened == {}
    assert len(lived.paths()) > 20
    assert list(lived.scratch.iterdir()) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_another_user_reaches_no_file_and_no_memory(lived: Lived) -> None:
    assert lived.reached_while_it_ran == []
    assert _attack(lived.paths(), []) == []
    witness = lived.base / "work" / "a.py"
    assert f"read {witness}" in _attack([witness], []), "the attack would notice"


@pytest.mark.skipif(sys.platform != "linux", reason="prctl is Linux's")
def test_no_process_that_holds_text_may_be_traced_or_dumped(lived: Lived) -> None:
    assert set(lived.dumpable) >= {"seal", "review", "sign", "upload", "run"}
    assert set(lived.dumpable.values()) == {0}


def test_no_child_is_given_recorded_text_on_its_command_line(lived: Lived) -> None:
    words = [word for argv in lived.children for word in argv]
    assert any(word.endswith("ssh-keygen") for word in words)
    assert [word for word in words if "zq" in word or "\U0001f600" in word] == []
