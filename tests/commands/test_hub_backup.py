"""`signoff hub backup` and `restore` as a person runs them: what is said, and how it ends."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
from tests.hub.backups.test_killed import is_restore_killed_at
from tests.support.cli import signoff
from tests.support.hubs import DATABASE, STORE, Place, signed
from tests.support.hubs_backed_up import files_of, opened
from tests.support.hubs_ended import admitted

from signoff_hub.backups.restoring import Where

pytestmark = [
    pytest.mark.skipif(bool(DATABASE or STORE), reason="hubs here are folders"),
    pytest.mark.skipif(sys.platform == "win32", reason="a process is killed"),
]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a hub, which signs for its own address, and a backup of it."""
    root = tmp_path_factory.mktemp("hub")
    place = Place(root=root / "hub")
    with opened(place) as node:
        admitted(node, signed(node, 1))
        (place.root / "address").write_text(f"{node.address}\n")
    made = signoff("hub", "backup", "--data", "hub", "-o", "backup", cwd=root)
    assert made.code == 0, made
    assert "erase it by 20" in made.out
    assert "private key is not in it" in made.err
    return root


def test_what_is_refused_says_why_and_ends_as_documented(hub: Path, tmp_path: Path) -> None:
    key = ("--key", hub / "hub" / "keys" / "hub")

    def ends(*words: object, code: int, says: str) -> None:
        said = signoff("hub", *words, cwd=hub)
        assert (said.code, says in said.err) == (code, True), said

    ends("backup", "--data", "hub", "-o", "backup", code=2, says="there is something at")
    ends("backup", "--data", "hub", "-o", "hub/b", code=13, says="in the hub's own folder")
    ends("restore", "none", "--data", "again", *key, code=10, says="there is no backup")
    ends("restore", "backup", "--data", "backup/in", code=2, says="lie in each other")
    ends("restore", "backup", "--data", "again", code=10, says="--key FILE")
    ends("restore", "backup", "--data", "hub", code=13, says="the database is not empty")
    shutil.copytree(hub / "backup", tmp_path / "damaged")
    (tmp_path / "damaged" / "rows" / "sign_off.jsonl").unlink()
    ends(
        *("restore", tmp_path / "damaged", "--data", "again", *key),
        code=11,
        says="  rows/sign_off.jsonl is missing",
    )
    assert not (hub / "again").exists()


def test_a_restore_that_was_cut_off_keeps_nodes_out_until_it_is_run_again(
    hub: Path, tmp_path: Path
) -> None:
    where = Where(root=tmp_path / "again", key=hub / "hub" / "keys" / "hub")
    assert is_restore_killed_at("rows committed", hub / "backup", where)
    before = files_of(where.root)
    serve = ("serve", "--listen", "127.0.0.1:0")
    for words in (serve, ("sweep",), ("token", "--enrolment", "1"), ("verify",)):
        said = signoff("hub", *words, "--data", where.root)
        assert said.code == 13, said
        assert "hint: Run the same `signoff hub restore` again" in said.err
    assert files_of(where.root)["keys/hub"] == before["keys/hub"]
    done = signoff("hub", "restore", hub / "backup", "--data", where.root)
    assert done.code == 0, done
    assert "proven: " in done.out
    assert "ask whoever keeps heads or a mirror" in done.err
    assert signoff("hub", "verify", "--data", where.root).code == 0


def test_as_much_comes_back_as_was_saved_and_is_proven_as_by_verify(
    hub: Path, tmp_path: Path
) -> None:
    made = signoff("hub", "backup", "--data", "hub", "-o", tmp_path / "all", "--json", cwd=hub)
    key = ("--key", hub / "hub" / "keys" / "hub")
    done = signoff("hub", "restore", tmp_path / "all", "--data", tmp_path / "new", *key, "--json")
    saved, back = json.loads(made.out), json.loads(done.out)
    assert (back["rows"], back["brought_back"]) == (saved["rows"], saved["objects"])
    shutil.rmtree(tmp_path / "new")
    told = signoff("hub", "restore", tmp_path / "all", "--data", tmp_path / "new", *key).out
    proven = signoff("hub", "verify", "--data", tmp_path / "new").out
    assert told.splitlines()[-1] == proven.splitlines()[-1]
