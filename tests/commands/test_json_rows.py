"""`--json` of every verb: rows of the shapes that docs/cli.md lists, and each of these shapes."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.support.bridge import Client, at, bridge
from tests.support.cli import signoff
from tests.support.deadline import deadline, wait_until
from tests.support.labels import home_at, opened_by, put_day
from tests.support.leaks import random_secret
from tests.support.page_sign_off import sign_on_page
from tests.support.review_page import ServedReview, open_page, way_in
from tests.support.scripted_hub import scripted_hub, signed_for_hub
from tests.support.sign_off import put_episode, small_episode
from tests.write_manual import VERBS, actions

from signoff_collector.labels.label_file import labels_path
from signoff_collector.own_files.home import resolve_home
from signoff_schemas.untyped import fields_of

pytestmark = pytest.mark.slow
_PAGE = Path(__file__).resolve().parents[2] / "docs" / "cli.md"
_MORE = "…"
_TRACE = {"startContent": "", "endContent": "a", "txns": [{"patches": [[0, 0, "a"]]}]}


def _section() -> str:
    return _PAGE.read_text("utf-8").partition("What `--json` prints")[2].partition("\n## ")[0]


def _shapes() -> list[tuple[str, str, dict[str, object]]]:
    """Return the documented shapes, each with its verb and the line that documents it."""
    lines = re.findall(r"^((\S+).*?) +(\{.*\})$", _section(), re.MULTILINE)
    return [(verb, f"{call} {shape}", json.loads(shape)) for call, verb, shape in lines]


def _silent() -> set[str]:
    (sentence,) = re.findall(r"([^.]*) print no rows\.", _section())
    return {*re.findall(r"`([a-z-]+)`", sentence)}


def _fits(row: dict[str, object], shape: dict[str, object]) -> bool:
    names = {name.rstrip("?"): (name.endswith("?"), value) for name, value in shape.items()}
    is_open = names.pop(_MORE, None) is not None
    if not is_open and not row.keys() <= names.keys():
        return False
    for name, (may_miss, example) in names.items():
        value = row.get(name)
        if value is None:
            if not may_miss:
                return False
        elif _kind(value) != _kind(example):
            return False
    return True


def _kind(value: object) -> str:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return "number" if is_number else type(value).__name__


class _Caller:
    """Runs verbs with `--json` and holds every row against the page."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._shapes = _shapes()
        self.unseen = {line for _, line, _ in self._shapes}
        self.called: set[str] = set()

    def __call__(
        self, verb: str, *words: object, codes: tuple[int, ...] = (0,)
    ) -> list[dict[str, object]]:
        said = signoff(verb, "--json", *words, cwd=self._folder)
        assert said.code in codes, f"{verb} {words}: {said}"
        return self.take(verb, said.out)

    def take(self, verb: str, out: str) -> list[dict[str, object]]:
        """Hold what a verb printed against its shapes."""
        assert out.isascii()
        self.called.add(verb)
        rows = [fields_of(json.loads(line)) for line in out.splitlines()]
        for row in rows:
            fitting = [line for name, line, one in self._shapes if name == verb and _fits(row, one)]
            assert fitting, (verb, row)
            self.unseen -= {fitting[0]}
        return rows


def test_the_page_lists_the_rows_of_every_verb() -> None:
    assert {verb for verb, _, _ in _shapes()} | _silent() == {*VERBS}
    assert not {verb for verb, _, _ in _shapes()} & _silent()
    for verb in VERBS:
        assert "--json" in {name for one in actions(verb) for name in one.option_strings}


def test_every_verb_prints_the_documented_rows_and_nothing_else(home: Path, tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "a.py").write_text("one\n")
    call = _Caller(project)
    call("enable", "--explain")
    call("enable", "--yes", "--owner", "mine")
    call("setup", "bash", "--dry-run")
    call("setup", "bash", "pytest", "--yes", "--wait", "0.01", codes=(3,))
    _record(call, project)
    _look(call, tmp_path)
    _label(call, tmp_path)
    _share(call, home, tmp_path)
    _look_after_a_hub(call, tmp_path)
    _erase(call, project)
    assert call.called == {verb for verb, _, _ in _shapes()}
    assert call.unseen == set()


def _record(call: _Caller, root: Path) -> None:
    call("task", "make it \N{ROCKET}")
    with bridge(cwd=root) as client:
        client.initialize(rootUri=root.as_uri())
        uri = client.open(root / "a.py")
        words = ("setup", "bash", "--yes", "--wait", str(deadline()), "--json")
        waiting = subprocess.Popen(
            [sys.executable, "-I", "-m", "signoff_collector", *words],
            cwd=root,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        assert _typed_until_ended(client, uri, waiting) == 0
        call.take("setup", waiting.communicate()[0].decode())
        client.change(uri, 10_000, at(0, 0, 0, 0, f"password = '{random_secret(20)}'\n"))
        client.save(uri)
        client.status()
        call("note", "it works")
        call("status")
        call("pause", "--for", "10m")
        call("resume")
        call("uninstall", "--dry-run")
        call("uninstall", "--yes")
        client.quit()
    (root / "a.py").write_text("three\n")
    signoff("run", "--", "/bin/false", cwd=root)


def _typed_until_ended(client: Client, uri: str, waiting: subprocess.Popen[bytes]) -> int:
    version = 1

    def is_ended() -> bool:
        nonlocal version
        version += 1
        client.change(uri, version, at(0, 0, 0, 0, "x\n"))
        return waiting.poll() is not None

    wait_until(is_ended, "setup heard of a change", pause_s=0.2)
    return waiting.wait()


def _look(call: _Caller, folder: Path) -> None:
    call("list")
    call("find", "one", "--no-ask")
    call("today")
    call("restore", "a.py")
    call("restore", "a.py", "--at", "1", "--dry-run")
    call("restore", "a.py", "--at", "1", "--yes", "--overwrite")
    call("restore", "--undo", "--yes", "--overwrite")
    call("restore", ".")
    call("restore", ".", "--at", "1", "--yes", "--overwrite")
    call("find", "one", "--restore", "1", "--yes")
    call("find", "one", "--replay", "1")
    for words in ((), ("--steps",), ("--levels",), ("--quality",), ("--redactions",)):
        call("show", "live", *words)
    call("check", "live")
    call("replay", "live")
    call("replay", "live", "--at", "end")
    call("checkout", "live", folder / "files", "--at", "end")
    call("export", "live", "--format", "atif", "-o", folder / "live.json")
    call("stop")
    call("settings")
    call("doctor", codes=(0, 3))


def _label(call: _Caller, folder: Path) -> None:
    path = put_day(folder / "labelled")
    call("label", path, "--fields")
    call("label", path, "--set", "judgement=good", "--at", "step:20")
    call("label", path, "--set", "difficulty=3", "--at", "step:20")
    call("label", path, "--set", "phase=patch", "--at", "step:20")
    call("label", path, "--remove", "phase", "--at", "step:20")
    first, second = (row["id"] for row in call("label", path, "--propose")[:2])
    call("label", path, "--accept", first)
    call("label", path, "--reject", second)
    call("label", path, "--list")
    call("label", path, "--queue")
    call("label", path, "--sign")
    call("label", path, "--verify", labels_path(path))
    other = opened_by(home_at(folder / "other"), put_day(folder / "elsewhere"))
    mine = other.units.at(20)
    assert mine is not None
    other.file.set_label("judgement", "mistake", mine.first, mine.last)
    other.file.sign()
    call("label", path, "--agreement", other.file.path)
    call("label", path, "--compare", other.file.path)
    call("label", path, "--export", "label-studio", "-o", folder / "studio")
    call("label", path, "--import", folder / "studio" / "tasks.json")


def _share(call: _Caller, home: Path, folder: Path) -> None:
    sealed = call("seal")[-1]
    call("replay", "last", "--html", folder / "page.html")
    call("show", "last", "--redactions")
    call("picture", "last", "-o", folder / "moment.svg")
    call("film", "last", "-o", folder / "film.svg")
    keep = {"from_seq": 0, "to_seq": int(str(sealed["steps"])) - 1}
    plan = folder / "plan.json"
    plan.write_text(json.dumps({"base_sha256": sealed["sha256"], "keeps": [keep]}))
    call("review", "--plan", plan, "--leave-open", "99")
    with ServedReview(str(sealed["episode"])) as served:
        assert served.process.stdout is not None
        (row,) = call.take("review", served.process.stdout.readline().decode())
        client, _ = open_page(way_in(Path(str(row["redirect"]))))
        sign_on_page(client, folder / "unused", keep)
        call.take("review", served.hang_up())  # nobody said that the code is saved
    episode = put_episode(resolve_home(), small_episode())
    store, down = folder / "store", folder / "not-there"
    store.mkdir()
    call("sign", episode, "--to", store.as_uri(), "--owner", "mine", "--yes")
    call("list")
    call("verify", episode)
    _make_data_set(call, episode, folder)
    call("upload", episode, "--to", store.as_uri())
    store.rename(down)
    call("withdraw", episode, "--yes", codes=(1,))
    down.rename(store)
    call("upload", "--resume")
    sha256 = hashlib.sha256(episode.read_bytes()).hexdigest()
    call("withdraw", episode, "--yes")
    labelled = (folder / "three", sha256[:12], "--from", folder / "signed", "--list")
    call("dataset", "label", *labelled, codes=(13,))
    call("discard", episode.stem, "--yes")
    next(home.glob("*.episode")).unlink()  # what the episode was made of
    (folder / "trace.json").write_text(json.dumps(_TRACE))
    call("import", folder / "trace.json", "-o", folder / "x.episode", "--format", "editing-trace")
    with scripted_hub() as hub:
        episode = signed_for_hub(home, hub, text="y = '\U0001f98a\U0001f600'\n")
        call("upload", episode, "--to", hub.audience)
        call("receipts")
        call("uses")
        call("uses", "--open", "--from", hub.audience)
        call("uses", "--export", folder / "mine.tar", "--from", hub.audience)
        call("withdraw", episode, "--from", hub.audience, "--print-secret")
        call("withdraw", episode, "--from", hub.audience, "--yes")
    next(home.glob("*.episode")).unlink()  # what that episode was made of


def _make_data_set(call: _Caller, episode: Path, folder: Path) -> None:
    source, plan = folder / "signed", folder / "dataset-plan.json"
    source.mkdir()
    for path in episode.parent.glob(f"{episode.stem}.*"):
        shutil.copy(path, source)
    (source / "x.episode").write_bytes(b"")
    wanted = ("--from", source, "--purpose", "research", "--k", "1", "-o", plan)
    call("dataset", "plan", *wanted)
    for name in ("one", "two"):
        call("dataset", "build", plan, "--from", source, "-o", folder / name, "--workers", "1")
    call("dataset", "card", folder / "one")
    call("dataset", "verify", folder / "one")
    sha256 = hashlib.sha256(episode.read_bytes()).hexdigest()
    call("dataset", "label", folder / "one", sha256[:12], "--from", source, "--list")
    call("dataset", "label", folder / "one", sha256[:12], "--from", source, "--fields")
    into = ("--format", "transcript", "-o", folder / "transcripts")
    call("dataset", "export", folder / "one", "--from", source, *into)
    (folder / "two" / "x").touch()
    call("dataset", "verify", folder / "two", codes=(11,))
    call("dataset", "plan", *wanted[:-1], folder / "again.json", "--name", "again")
    call(
        "dataset", "build", folder / "again.json", "--from", source, "-o", folder / "three",
        "--workers", "1",
    )  # fmt: skip
    call("dataset", "diff", folder / "one", folder / "three", codes=(3,))
    refresh = ("--plan", plan, "--from", source, "-o", folder / "four", "--workers", "1")
    call("dataset", "refresh", folder / "one", *refresh)
    call("dataset", "refresh", folder / "one", *refresh, "--as-of", "2100-01-01T00:00:00Z", "--yes")


def _look_after_a_hub(call: _Caller, folder: Path) -> None:
    call("hub", "token", "--data", folder / "none", "--enrolment", "1", codes=(10,))
    argv = ["hub", "serve", "--data", str(folder / "hub"), "--listen", "127.0.0.1:0", "--json"]
    with subprocess.Popen(
        [sys.executable, "-m", "signoff_collector", *argv], stdout=subprocess.PIPE, text=True
    ) as hub:
        assert hub.stdout is not None
        call.take("hub", hub.stdout.readline())
        hub.terminate()
        assert hub.wait(deadline()) == 0
    data = ("--data", folder / "hub")
    call("hub", "token", *data, "--name", "audit", "--scope", "audit")
    call("hub", "token", *data, "--revoke", "audit")
    call("hub", "sweep", *data)
    call("hub", "adopt", *data)
    call("hub", "verify", *data)
    call("hub", "backup", *data, "-o", folder / "backup", "--with-key")
    call("hub", "restore", folder / "backup", "--data", folder / "again")
    strange = folder / "hub" / "objects" / "blobs" / "ab" / "strange"
    strange.parent.mkdir(parents=True)
    strange.write_bytes(b"x")
    call("hub", "verify", *data, codes=(3,))
    strange.unlink()


def _erase(call: _Caller, root: Path) -> None:
    call("forget", "--path", "a.py", "--dry-run")
    call("forget", "--all", "--yes", codes=(0, 3))
    call("disable")
    call("uninstall", "--data", "--dry-run")
    call("uninstall", "--data", "--yes")
    assert root.is_dir()
