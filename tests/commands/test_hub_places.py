"""`signoff hub …` with a wrong, locked or strange place: which one is named, and what to do."""

from __future__ import annotations

import argparse
import shutil
import sqlite3
import sys
from contextlib import closing
from pathlib import Path

import pytest
from tests.support.cli import Said, signoff
from tests.support.hubs import DATABASE, STORE, Place
from tests.support.hubs_backed_up import opened
from tests.support.powers import ordinary_powers
from tests.support.tls import made_certificates

from signoff_collector.screen.console import Console
from signoff_hub.commands import hub as hub_verb
from signoff_schemas.errors import DamagedError, SignoffError

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(DATABASE or STORE), reason="hubs here are folders"),
    pytest.mark.skipif(sys.platform == "win32", reason="a place is locked by its mode"),
]
PARTS = (
    ("serve", "--listen", "127.0.0.1:0"),
    ("token", "--enrolment", "1"),
    ("sweep",),
    ("verify",),
    ("adopt",),
    ("backup", "-o", "never"),
)
IDS = [words[0] for words in PARTS]


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a hub in `hub`, its public key in `pub` and a backup in `backup`."""
    root = tmp_path_factory.mktemp("places")
    with opened(Place(root=root / "hub")) as node:
        (root / "hub" / "address").write_text(f"{node.address}\n")
        (root / "pub").write_text(node.key.public_line)
    (root / "file").write_text("x")
    made = signoff("hub", "backup", "--data", "hub", "-o", "backup", cwd=root)
    assert made.code == 0, made
    return root


@pytest.fixture
def copy(hub: Path, tmp_path: Path) -> Path:
    """A copy of the hub that may be spoilt."""
    return shutil.copytree(hub / "hub", tmp_path / "spoilt")


def ends(said: Said, code: int, *says: object) -> None:
    assert said.code == code, said
    assert "\nhint: " in said.err, said
    for one in says:
        assert str(one) in said.err, said


def asked(*words: object) -> SignoffError:
    """Run a part in this process, where modes of files count, and return what it refuses with."""
    parser = argparse.ArgumentParser()
    hub_verb.add_arguments(parser)
    with ordinary_powers(), pytest.raises(SignoffError) as refused:
        hub_verb.run(parser.parse_args([str(one) for one in words]), Console(is_json=False))
    assert refused.value.hint
    return refused.value


@pytest.mark.parametrize("words", PARTS[1:], ids=IDS[1:])
def test_a_folder_that_is_not_there_is_named_and_not_made(
    hub: Path, words: tuple[str, ...]
) -> None:
    ends(signoff("hub", *words, "--data", "none", cwd=hub), 10, f"in {hub / 'none'}\n")
    assert not (hub / "none").exists()


@pytest.mark.parametrize("words", PARTS, ids=IDS)
def test_a_file_in_place_of_a_folder_is_named(hub: Path, words: tuple[str, ...]) -> None:
    said = signoff("hub", *words, "--data", "file", cwd=hub)
    ends(said, 10, f"{hub / 'file'} is not a folder", "--data names")
    assert (hub / "file").read_text() == "x"


@pytest.mark.parametrize("words", PARTS[::3], ids=IDS[::3])
def test_a_database_of_another_release_or_program_says_in_which_folder(
    copy: Path, words: tuple[str, ...]
) -> None:
    for mark, says in (("0009", "reads up to"), ("strange", "another program")):
        with closing(sqlite3.connect(copy / "hub.sqlite")) as database, database:
            database.execute("UPDATE alembic_version SET version_num = ?", (mark,))
        said = signoff("hub", *words, "--data", copy, cwd=copy)
        ends(said, 11, says, f"  the hub's folder: {copy}\n")


@pytest.mark.parametrize("words", PARTS, ids=IDS)
@pytest.mark.parametrize("locked", ["", "keys/hub", "hub.sqlite", "objects"])
def test_a_place_that_is_locked_is_named(
    copy: Path, words: tuple[str, ...], locked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(copy)
    place = copy / locked
    mode = place.stat().st_mode
    place.chmod(0)
    try:
        error = asked(*words, "--data", copy)
    finally:
        place.chmod(mode)
    assert any(str(copy) in one for one in (str(error), *error.details)), error
    assert isinstance(error, DamagedError) == (locked == "keys/hub")


def test_a_key_that_is_a_link_to_nowhere_is_not_made_anew(copy: Path) -> None:
    key = copy / "keys" / "hub"
    key.rename(copy / "away")
    key.symlink_to("/nowhere/of/a/disk/hub")
    ends(signoff("hub", "sweep", "--data", copy), 11, key, "from the backup")
    assert key.is_symlink()


def test_a_store_elsewhere_is_named_and_an_address_with_a_password_is_not(hub: Path) -> None:
    none = (hub / "nowhere").as_uri()
    said = signoff("hub", "sweep", "--data", "hub", "--store", none, cwd=hub)
    ends(said, 1, f"  the hub's folder: {hub / 'hub'}\n", f"  its store: {none}\n")
    away = "postgresql://user:hunter2@127.0.0.1:1/name"
    said = signoff("hub", "sweep", "--data", "hub", "--database", away, cwd=hub)
    ends(said, 1, "as --database names it")
    assert "hunter2" not in said.out + said.err


def test_what_is_verified_without_a_hub_has_to_be_there(hub: Path) -> None:
    def verify(*words: object) -> Said:
        return signoff("hub", "verify", *words, "--hub-key", "pub", cwd=hub)

    ends(verify("none"), 10, f"there is no folder {hub / 'none'}")
    ends(verify("file"), 10, f"{hub / 'file'} is not a folder")
    ends(verify("hub"), 10, f"no log/heads in {hub / 'hub'}")
    ends(verify("--store", (hub / "none").as_uri()), 10, f"there is no folder {hub / 'none'}")
    ends(verify("--store", (hub / "file").as_uri()), 10, f"{hub / 'file'} is not a folder")


def test_a_restore_names_what_it_does_not_find(hub: Path, tmp_path: Path) -> None:
    key = ("--key", "hub/keys/hub")

    def restore(*words: object) -> Said:
        return signoff("hub", "restore", *words, cwd=hub)

    ends(restore("backup", "--data", "file", *key), 10, f"{hub / 'file'} is not a folder")
    ends(restore("backup", "--data", "new", "--key", "none"), 10, f"no file {hub / 'none'}")
    ends(restore("backup", "--data", "new", *key, "--mirror", "none"), 10, "no folder", "none")
    ends(restore("backup", "--data", "hub"), 13, f"  the hub's folder: {hub / 'hub'}\n")
    assert not (hub / "new").exists()
    locked = tmp_path / "locked"
    locked.mkdir(mode=0)
    try:
        assert str(locked) in str(asked("restore", hub / "backup", "--data", locked))
        assert str(locked) in str(asked("restore", locked, "--data", tmp_path / "new"))
    finally:
        locked.chmod(0o700)


def test_a_certificate_or_key_that_cannot_be_used_is_named(hub: Path, tmp_path: Path) -> None:
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
    one, other = made_certificates(tmp_path / "one"), made_certificates(tmp_path / "other")

    def serve(certificate: Path, key: Path) -> Said:
        tls = ("--certificate", certificate, "--key", key)
        return signoff("hub", "serve", "--data", "hub", "--listen", "127.0.0.1:0", *tls, cwd=hub)

    ends(serve(one.certificate, tmp_path / "none"), 10, tmp_path / "none")
    ends(serve(one.certificate, other.key), 11, f"{other.key} is not the key of {one.certificate}")
    ends(serve(hub / "file", one.key), 11, hub / "file", "PEM")
