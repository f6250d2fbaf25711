"""People, base texts and commits that sealing takes from a real repository."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tests.support.leaks import leaks_in_episode, random_secret
from tests.support.repository import WorkTree
from tests.support.seal_journals import Journal
from tests.support.seal_sessions import make_session
from tests.support.sessions import current_home

from signoff_collector.capture.git.git import Git
from signoff_collector.capture.opt_in.workspaces import Workspaces
from signoff_collector.capture.sessions.git_seen import note_start
from signoff_collector.capture.sessions.sessions import Session
from signoff_collector.episode.content import Episode
from signoff_collector.episode.file.reader import read_episode
from signoff_collector.redaction.texts.texts import DISK, TextStates
from signoff_collector.seal.gathering.base_texts import (
    is_declared_public,
    read_base_texts,
    read_commits,
    unpacked,
)
from signoff_collector.seal.gathering.people import holders, own_names, read_people
from signoff_collector.seal.sealing import seal_session
from signoff_collector.system.clock import SystemClock
from signoff_schemas.steps import GapStep
from signoff_schemas.words import Owner

pytestmark = pytest.mark.usefixtures("home")

LICENCE = "MIT License\n\nCopyright (c) 2019-2024 Berta Holm <berta@holm.example>\n"


def _repository(root: Path) -> WorkTree:
    tree = WorkTree.create(root)
    tree.git("config", "user.name", "Wilma Roth")
    tree.git("config", "user.email", "wroth@firm.example")
    tree.commit("first", "a.py", "# made by Otto Kern 😀🚀\nx = 1\n")
    tree.write("LICENSE", LICENCE)
    tree.write(".github/CODEOWNERS", "* @team/x carla.winter@owners.example\n")
    tree.write(".env", "A=1\n")
    tree.git("add", ".")
    tree.git(
        "commit", "-q", "-m",
        "second\n\nCo-authored-by: Otto Kern <otto@kern.example>\n"
        "Signed-off-by: Ida Sommer <ida@sommer.example>",
    )  # fmt: skip
    return tree


def test_everybody_whom_the_history_names_is_found(tmp_path: Path) -> None:
    git = Git(_repository(tmp_path / "project").root)
    assert set(read_people(git)) == {
        ("Ada Example", "ada@example.org"),  # of the tests' own environment
        ("Otto Kern", "otto@kern.example"),
        ("Ida Sommer", "ida@sommer.example"),
        ("Berta Holm", "berta@holm.example"),
        ("", "carla.winter@owners.example"),
    }
    assert own_names(git) == ("Wilma Roth", "wroth@firm.example")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("# Copyright 2021 Berta Holm. All rights reserved.\n", [("Berta Holm", "")]),
        (" * @author: Max Otto Muster <max@m.example>\n", [("Max Otto Muster", "max@m.example")]),
        ("Copyright (c) 2020 The Pallets Authors\n", []),
        ("// Copyright © 2020, 2022 Example Software Inc.\n", []),
        ("SPDX-FileCopyrightText: 2020 Zoë Åström\n", [("Zoë Åström", "")]),
        ("copyright = get_notice(2020)\n", []),
    ],
)
def test_holders_of_copyright_are_people_not_companies(
    text: str, found: list[tuple[str, str]]
) -> None:
    assert list(holders(text)) == found


def test_base_texts_are_those_of_the_commit_without_what_is_never_recorded(tmp_path: Path) -> None:
    tree = _repository(tmp_path / "project")
    git = Git(tree.root)
    (tree.root / "a.py").write_text("changed\n")
    texts = read_base_texts(git, tree.root, tree.head, ["a.py", ".env", "gone.py", "LICENSE"])
    assert unpacked(texts) == {
        "a.py": "# made by Otto Kern 😀🚀\nx = 1\n",
        "LICENSE": LICENCE,
    }
    assert set(read_commits(git)) == {tree.head, tree.git("rev-parse", "HEAD~1")}


@pytest.mark.parametrize("owner", [None, *Owner])
@pytest.mark.parametrize("is_pushed", [False, True])
def test_a_base_is_public_when_said_to_be_and_held_by_a_remote(
    tmp_path: Path, owner: Owner | None, *, is_pushed: bool
) -> None:
    tree = _repository(tmp_path / "project")
    if is_pushed:
        tree.git("update-ref", "refs/remotes/origin/main", "HEAD")
    is_public = is_declared_public(Git(tree.root), tree.head, owner)
    assert is_public == (is_pushed and owner is Owner.OPEN_SOURCE)


def _recorded(tree: WorkTree, secret: str) -> Session:
    session = make_session(tree.root)
    note_start(session)
    journal = Journal(
        root=session.root,
        boot_id=session.boot_id,
        t_boot_ns=session.started_boot_ns,
        wall_ns=session.started_wall_ns,
    )
    journal.open("keys.py", (tree.root / "keys.py").read_text())
    journal.open("a.py", (tree.root / "a.py").read_text())
    journal.change("a.py", (0, 0), (0, 0), f"# Otto Kern, {tree.head[:10]}, {secret}\n")
    journal.write(session.folder)
    return session


def _sealed(session: Session, secret: str) -> Episode:
    clock = SystemClock()
    environ = {**os.environ, "DEPLOY_TOKEN": secret}
    return read_episode(seal_session(session, current_home(), clock, environ=environ).path)


def _final(episode: Episode) -> dict[str, str]:
    states = TextStates(episode)
    for _ in states.walk():
        pass
    buffers = {key: text for key, text in states.texts.items() if key.buffer != DISK}
    return {states.paths[key.file]: text.chars for key, text in buffers.items()}


@pytest.mark.parametrize("is_open_source", [False, True])
def test_a_sealed_session_keeps_public_text_only_where_it_was_declared(
    tmp_path: Path, *, is_open_source: bool
) -> None:
    secret = random_secret(41, 26)
    tree = _repository(tmp_path / "project")
    tree.commit("third", "keys.py", f"KEY = '{secret}'\n")
    tree.git("update-ref", "refs/remotes/origin/main", "HEAD")
    owner = Owner.OPEN_SOURCE if is_open_source else Owner.MINE
    Workspaces(current_home()).enable(tree.root, owner=owner, is_confirmed=True)
    episode = _sealed(_recorded(tree, secret), secret)
    assert leaks_in_episode(episode, [secret]) == []
    texts = _final(episode)
    typed = texts["a.py"].splitlines()[0]
    assert typed.startswith("# REDACTED_NAME_")
    assert tree.head[:7] not in typed
    if is_open_source:
        assert "# made by Otto Kern 😀🚀" in texts["a.py"]
        assert "keys.py" not in texts
        assert [s.reason for s in episode.steps if isinstance(s, GapStep)] == ["redacted"]
    else:
        assert "# made by REDACTED_NAME_" in texts["a.py"]
        assert texts["keys.py"] == "KEY = 'REDACTED_SECRET_1'\n"
