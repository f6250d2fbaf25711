from __future__ import annotations

import errno
import fcntl
import json
import os
import secrets
import shutil
import tomllib
from pathlib import Path

import pytest
from tests.support.bridge import EMOJI, at, bridge, enable, wait_for_records
from tests.support.cli import signoff
from tests.support.deadline import wait_until
from tests.support.sessions import current_home
from tests.support.setup import EDITORS, INIT_EL, LANGUAGES, call, listing, make_account, put
from tests.support.small_disk import fill, mounted_small_disk

from signoff_collector.capture.journal.journal import RecordKind
from signoff_collector.installation.launcher import launcher_path
from signoff_collector.upload.outbox.outbox import Outbox


@pytest.fixture
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder with four editors."""
    folder = tmp_path / "ada"
    folder.mkdir(mode=0o700)
    programs = make_account(folder)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("PATH", f"{programs}{os.pathsep}/usr/bin:/bin")
    return folder


def rows(*argv: str) -> dict[str, dict[str, object]]:
    said = call(*argv, "--json")
    found = [json.loads(line) for line in said.out.splitlines()]
    return {row["editor"]: row for row in found if "editor" in row}


def states(*argv: str) -> dict[str, object]:
    return {name: row["state"] for name, row in rows(*argv).items()}


def test_every_change_is_taken_back_to_the_byte_the_mode_and_the_time(user: Path) -> None:
    before = listing(user)
    assert states("setup", "--yes", *EDITORS) == dict.fromkeys(EDITORS, "changed")
    assert listing(user) != before
    after = listing(user)
    assert states("setup", "--yes", *EDITORS) == dict.fromkeys(EDITORS, "unchanged")
    assert listing(user) == after
    assert call("uninstall", "--yes").code == 0
    assert listing(user) == before


def test_a_fresh_account_is_left_as_it_was_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = tmp_path / "new"
    user.mkdir(mode=0o700)
    put(tmp_path / "programs" / "vim", b"#!/bin/sh\n", mode=0o755)
    monkeypatch.setenv("HOME", str(user))
    monkeypatch.setenv("PATH", str(tmp_path / "programs"))
    assert call("setup", "--yes", "vim").code == 0
    assert call("uninstall", "--yes").code == 0
    assert listing(user) == {}


def test_data_go_only_when_asked_and_only_ours(user: Path, tmp_path: Path) -> None:
    before = listing(user)
    root = user / ".local" / "share" / "signoff"
    project = tmp_path / "project"
    project.mkdir()
    enable(project)
    assert call("setup", "--yes", "vim").code == 0
    assert call("uninstall", "--yes").code == 0
    assert (root / "config" / "workspaces.json").exists()
    put(root / "precious", b"of the person")
    assert call("uninstall", "--yes", "--data").code == 13
    assert (root / "config" / "workspaces.json").exists()
    (root / "precious").unlink()
    said = call("uninstall", "--yes", "--data")
    assert (said.code, "uploaded" in said.out) == (0, False), said
    assert listing(user) == before


def test_before_the_keys_go_a_signed_episode_is_thought_of(user: Path) -> None:
    home = current_home().ensure()
    with Outbox.open(home):
        pass
    kept = home.state / "outbox.sqlite"
    assert call("uninstall", "--data", "--yes").out.count("uploaded") == 0, "nothing was signed"
    current_home().ensure()
    with Outbox.open(home) as outbox:
        outbox.add_record("1" * 32, "a" * 64, "file:///store")
    assert "run `signoff withdraw` first" in call("uninstall", "--data", "--yes").out
    current_home().ensure()
    put(kept, b"no database", mode=0o600)
    assert "run `signoff withdraw` first" in call("uninstall", "--data", "--yes").out


def test_an_open_editor_lets_go_when_the_data_are_deleted(user: Path, tmp_path: Path) -> None:
    root = user / ".local" / "share" / "signoff"
    file = put(tmp_path / "project" / "a.txt", b"one\n")
    enable(file.parent)
    with bridge() as client:
        client.initialize()
        uri = client.open(file)
        client.change(uri, 2, at(0, 0, 0, 0, EMOJI))
        wait_for_records(RecordKind.LSP, 2)
        wait_until(lambda: call("uninstall", "--yes", "--data").code == 0, "the deletion")
        assert not root.exists()
        client.change(uri, 3, at(0, 0, 0, 0, EMOJI))
        assert client.status()["recording"] is False
        assert client.quit() == 0
    assert not root.exists()


def test_links_stay_links_and_modes_stay(user: Path) -> None:
    assert call("setup", "--yes", "helix", "emacs").code == 0
    link = user / ".config" / "helix" / "languages.toml"
    assert link.is_symlink()
    assert (user / "dotfiles" / "languages.toml").stat().st_mode & 0o777 == 0o640
    assert (user / ".emacs.d" / "init.el").stat().st_mode & 0o777 == 0o600


def test_a_dry_run_shows_the_launcher_and_writes_nothing(user: Path) -> None:
    before = listing(user)
    said = call("setup", "--dry-run", *EDITORS)
    assert said.code == 0
    assert said.out.count(str(launcher_path())) >= len(EDITORS)
    assert listing(user) == before


def test_nobody_to_ask_changes_nothing(user: Path) -> None:
    before = listing(user)
    assert call("setup", *EDITORS).code == 2
    assert listing(user) == before


def test_helix_keeps_the_servers_a_person_chose(user: Path) -> None:
    call("setup", "--yes", "helix")
    text = (user / ".config" / "helix" / "languages.toml").read_text("utf-8")
    said = tomllib.loads(text)
    assert said["language-server"]["signoff"]["args"] == ["lsp"]
    servers = {entry["name"]: entry["language-servers"] for entry in said["language"]}
    assert servers["python"] == ["pylsp", "signoff"]
    assert servers["rust"] == ["rust-analyzer", "signoff"]


def test_helix_languages_with_limited_servers_stay_as_they_are(user: Path) -> None:
    path = user / "dotfiles" / "languages.toml"
    put(
        path,
        b'[[language]]\nname = "go"\nlanguage-servers = '
        b'[{ name = "gopls", except-features = ["format"] }]\n',
    )
    call("setup", "--yes", "helix")
    said = tomllib.loads(path.read_text("utf-8"))
    assert [entry["name"] for entry in said["language"]].count("go") == 1


def test_what_a_person_wrote_since_stays_when_ours_goes(user: Path) -> None:
    call("setup", "--yes", *EDITORS)
    languages = user / "dotfiles" / "languages.toml"
    languages.write_text(f"# mine \U0001f388\U0001f389\n{languages.read_text('utf-8')}", "utf-8")
    init = user / ".emacs.d" / "init.el"
    init.write_bytes(init.read_bytes() + b"(mine)\n")
    own = user / ".config" / "nvim" / "plugin" / "signoff_setup.lua"
    own.write_bytes(own.read_bytes() + b"-- mine\n")
    assert call("uninstall", "--yes").code == 0
    assert languages.read_bytes() == "# mine \U0001f388\U0001f389\n".encode() + LANGUAGES
    assert init.read_bytes() == INIT_EL + b"(mine)\n"
    assert own.read_bytes() == b"-- mine\n"
    assert not (user / ".vim").exists()


def test_what_cannot_be_taken_back_now_can_be_later(user: Path) -> None:
    before = listing(user)
    call("setup", "--yes", *EDITORS)
    init = user / ".emacs.d" / "init.el"
    init.chmod(0o400)
    said = call("uninstall", "--yes")
    assert said.code == 3
    assert f"{init} is read-only" in said.out
    assert not (user / ".vim").exists()
    init.chmod(0o600)
    assert call("uninstall", "--yes").code == 0
    assert listing(user) == before


def test_an_old_entry_of_ours_is_taken_over_and_goes_too(user: Path) -> None:
    call("setup", "--yes", *EDITORS)
    before = dict.fromkeys(EDITORS, "changed")
    for path in (user / ".config" / "nvim" / "plugin" / "signoff_setup.lua",
                 user / ".vim" / "plugin" / "signoff_setup.vim",
                 user / "dotfiles" / "languages.toml",
                 user / ".emacs.d" / "init.el"):  # fmt: skip
        old = path.read_text("utf-8").replace(str(launcher_path()), "/gone/bin/signoff")
        path.write_text(old, "utf-8")
    (user / ".local" / "share" / "signoff" / "config" / "setup.json").unlink()
    assert states("setup", "--yes", *EDITORS) == before
    assert "/gone/bin" not in (user / ".emacs.d" / "init.el").read_text("utf-8")
    assert call("uninstall", "--yes").code == 0
    assert (user / ".emacs.d" / "init.el").read_bytes() == INIT_EL
    assert (user / "dotfiles" / "languages.toml").read_bytes().startswith(LANGUAGES)
    assert not (user / ".config" / "nvim" / "plugin" / "signoff_setup.lua").exists()


def test_lines_of_ours_without_a_record_are_found_by_uninstall(user: Path) -> None:
    call("setup", "--yes", "emacs", "vim")
    (user / ".local" / "share" / "signoff" / "config" / "setup.json").unlink()
    assert call("uninstall", "--yes").code == 0
    assert (user / ".emacs.d" / "init.el").read_bytes() == INIT_EL
    assert not (user / ".vim" / "plugin" / "signoff_setup.vim").exists()


def _broken_toml(user: Path) -> None:
    put(user / "dotfiles" / "languages.toml", b"[[language\n")


def _foreign_entry(user: Path) -> None:
    put(user / "dotfiles" / "languages.toml", b'[language-server.signoff]\ncommand = "x"\n')


def _half_a_block(user: Path) -> None:
    put(user / "dotfiles" / "languages.toml", b"# >>> signoff setup >>>\n")


def _read_only(user: Path) -> None:
    (user / "dotfiles" / "languages.toml").chmod(0o444)


def _read_only_folder(user: Path) -> None:
    (user / "dotfiles").chmod(0o555)


def _not_utf_8(user: Path) -> None:
    put(user / "dotfiles" / "languages.toml", b"# \xe9\n")


def _pipe(user: Path) -> None:
    (user / "dotfiles" / "languages.toml").unlink()
    os.mkfifo(user / "dotfiles" / "languages.toml")


def _folder(user: Path) -> None:
    (user / "dotfiles" / "languages.toml").unlink()
    (user / "dotfiles" / "languages.toml").mkdir()


def _two_names(user: Path) -> None:
    os.link(user / "dotfiles" / "languages.toml", user / "dotfiles" / "other.toml")


def _circle(user: Path) -> None:
    path = user / "dotfiles" / "languages.toml"
    path.unlink()
    path.symlink_to(path)


@pytest.mark.parametrize(
    "breaks",
    [_broken_toml, _foreign_entry, _half_a_block, _read_only, _read_only_folder, _not_utf_8,
     _pipe, _folder, _two_names, _circle],
)  # fmt: skip
def test_an_editor_that_cannot_be_changed_is_refused_and_the_others_go_on(
    user: Path, breaks: object
) -> None:
    assert callable(breaks)
    breaks(user)
    said = rows("setup", "--yes", "helix", "vim")
    assert (said["helix"]["state"], said["vim"]["state"]) == ("refused", "changed")
    assert str(said["helix"]["reason"])
    assert call("setup", "--yes", "helix", "vim").code == 3
    (user / "dotfiles").chmod(0o755)


def test_a_file_where_a_folder_should_be_is_refused(user: Path) -> None:
    put(user / ".config" / "nvim", b"no folder\n")
    said = rows("setup", "--yes", "neovim", "vim")
    assert (said["neovim"]["state"], said["vim"]["state"]) == ("refused", "changed")
    assert "is not a folder" in str(said["neovim"]["reason"])


def test_a_file_in_the_place_of_the_home_is_refused(user: Path) -> None:
    put(user / ".local" / "share" / "signoff", b"no folder\n")
    before = listing(user)
    said = signoff("setup", "--yes", "vim")
    assert said.code == 13, said
    assert "is not a folder" in said.err
    assert listing(user) == before


@pytest.mark.parametrize("home", ["", "relative/path", "/nowhere/at/all"])
def test_without_a_home_folder_nothing_is_written(
    user: Path, monkeypatch: pytest.MonkeyPatch, home: str
) -> None:
    monkeypatch.setenv("HOME", home)
    said = call("setup", "--yes", "vim")
    assert said.code == 13
    assert "HOME" in said.err or "home" in said.err


def test_settings_inside_a_repository_are_refused(
    user: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    repository = tmp_path / "cloned"
    (repository / ".git").mkdir(parents=True)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(repository / ".settings"))
    said = call("setup", "--yes", "neovim")
    assert said.code == 13
    assert "inside the repository" in said.err


def test_a_full_disk_leaves_every_file_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with mounted_small_disk(tmp_path / "disk", kib=512) as disk:
        user = disk / "ada"
        user.mkdir(mode=0o700)
        programs = make_account(user)
        monkeypatch.setenv("HOME", str(user))
        monkeypatch.setenv("PATH", str(programs))
        before = listing(user)
        filler = fill(disk)
        said = signoff("setup", "--yes", "helix", "emacs")
        assert said.code == 3, said
        assert "no space left" in said.out
        files = {name: state for name, state in listing(user).items() if state[0] != "folder"}
        assert {name: files.get(name) for name in before if before[name][0] != "folder"} == {
            name: state for name, state in before.items() if state[0] != "folder"
        }
        filler.unlink()
        assert signoff("setup", "--yes", "helix", "emacs").code == 0
        assert signoff("uninstall", "--yes").code == 0
        assert listing(user) == before


def test_a_home_on_a_disk_that_forgets_is_said(user: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shared_memory = Path("/dev/shm")  # noqa: S108  where Linux keeps a tmpfs for everybody
    if not shared_memory.is_dir() or not os.access(shared_memory, os.W_OK):
        pytest.skip("no tmpfs for everybody here")
    place = shared_memory / f"signoff-test-{secrets.token_hex(8)}"
    monkeypatch.setenv("SIGNOFF_HOME", str(place))
    try:
        said = call("setup", "--yes", "vim")
        assert (said.code, "lies in memory (tmpfs)" in said.out) == (0, True), said
        assert call("uninstall", "--yes").code == 0
        assert not place.exists()
    finally:
        shutil.rmtree(place, ignore_errors=True)


def test_a_disk_that_cannot_lock_changes_no_editor(
    user: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a network disk without a lock server answers."""

    def refuse(descriptor: int, operation: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    before = (user / ".emacs.d" / "init.el").read_bytes()
    with monkeypatch.context() as patched:
        patched.setattr(fcntl, "flock", refuse)
        said = call("setup", "--yes", "emacs")
    assert (said.code, "locks" in said.out.lower()) == (3, True), said
    assert (user / ".emacs.d" / "init.el").read_bytes() == before
    assert call("setup", "--yes", "emacs").code == 0


def test_without_a_recorded_change_the_broken_link_is_named(user: Path) -> None:
    said = call("setup", "--yes", "vim", "--wait", "0.01")
    assert said.code == 3
    assert "no folder is enabled" in said.out
    assert "signoff enable" in said.out
    assert "upload" not in said.out


def test_an_unknown_editor_is_named_with_all_that_can_be_chosen(user: Path) -> None:
    for name in ("notepad", "nvim"):
        said = call("setup", "--yes", name)
        assert said.code == 2
        assert "neovim, helix, emacs, vim" in said.err
        assert "cursor, pytest." in said.err


def test_a_hostile_name_is_shown_harmlessly(user: Path) -> None:
    put(user / "dotfiles" / "languages.toml", b"# \x1b]0;owned\x07 \xe2\x80\xae\n")
    said = call("setup", "--dry-run", "helix")
    assert "\x1b" not in said.out
    assert "\u202e" not in said.out
