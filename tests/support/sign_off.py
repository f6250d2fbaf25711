"""A small real episode, its review, and the command line run as a real process."""

from __future__ import annotations

import argparse
import hashlib
import importlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.support.deadline import deadline
from tests.support.pseudo_terminal import Terminal

from signoff_collector.capture.opt_in.owners import Owners
from signoff_collector.consent.review_records import ReviewRecord, write_review
from signoff_collector.episode.content import Edit, EditTable, Episode, encode_text
from signoff_collector.episode.file.reader import read_episode
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.episode.masked import MARK
from signoff_collector.own_files.home import Home, resolve_home
from signoff_collector.review.applying.previews import Previews
from signoff_collector.screen.console import Console
from signoff_schemas.errors import SignoffError
from signoff_schemas.header import EpisodeHeader
from signoff_schemas.plan import Plan, RangeKeep, plan_bytes
from signoff_schemas.steps import OpenStep, SaveStep
from signoff_schemas.words import ACTOR_CLASSES, BASES, ActorClass, Basis, Owner

MS = 1_000_000
TYPED = "x = '\U0001f600\U00010348'\n"


_MADE: dict[str, tuple[bytes, Plan]] = {}
"""Digest of a shared episode to the sealed one and the plan that gave it."""


def small_episode(text: str = TYPED) -> bytes:
    """Return what a review keeps of a session in which `text` was typed into one file."""
    base = sealed_episode(text)
    keep = RangeKeep(from_seq=0, to_seq=len(text) + 1)
    plan = Plan(base_sha256=hashlib.sha256(base).hexdigest(), seed="5e" * 32, keeps=(keep,))
    data = Previews(read_episode(base)).of(plan, 0).data
    _MADE[hashlib.sha256(data).hexdigest()] = base, plan
    return data


def sealed_episode(text: str = TYPED) -> bytes:
    """Return the bytes of an episode in which `text` was typed into one file and saved."""
    typed, observed = ACTOR_CLASSES.index(ActorClass.TYPED), BASES.index(Basis.OBSERVED)
    opened = OpenStep(seq=0, t_ns=0, source="bridge:1", path="a.py", buffer=0)
    rows = [
        Edit(
            seq=at + 1,
            t_ns=(at + 1) * MS,
            file=0,
            buffer=0,
            start=at,
            deleted=0,
            text=char,
            actor=typed,
            basis=observed,
        )
        for at, char in enumerate(text)
    ]
    content = encode_text(text)
    digest = hashlib.sha256(content).hexdigest()
    saved = SaveStep(
        seq=len(text) + 1,
        t_ns=(len(text) + 1) * MS,
        source="bridge:1",
        path="a.py",
        buffer=0,
        disk_sha256=digest,
        text_sha256=digest,
        size_bytes=len(content),
        matched=True,
    )
    episode = Episode(
        header=EpisodeHeader(
            origin="recorded",
            session="s1",
            workspace="w1",
            sources=("bridge:1",),
            edits=len(text),
            steps=len(text) + 2,
            duration_ns=(len(text) + 1) * MS,
            time_resolution="1s",
            versions={MARK: "1"},
        ),
        files=("a.py",),
        steps=(opened, saved),
        edits=EditTable.from_rows(rows),
    )
    return write_episode(episode)


def put_episode(
    home: Home,
    content: bytes,
    *,
    is_reviewed: bool = True,
    owner: Owner | None = Owner.MINE,
) -> Path:
    """Put an episode where sealed ones lie, and note a review of it.

    Args:
        home: where.
        content: of `small_episode`, or any bytes.
        is_reviewed: whether a person looked at all of it.
        owner: what a person said when its session was recorded.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    path = home.episodes / f"{sha256[:16]}.episode"
    path.write_bytes(content)
    if not is_reviewed:
        return path
    base, plan = _MADE.get(sha256, (b"", Plan(base_sha256="0" * 64)))
    base_path = home.root / f"{plan.base_sha256[:16]}.episode"
    base_path.write_bytes(base)
    path.with_suffix(".plan.json").write_bytes(plan_bytes(plan))
    record = ReviewRecord(
        sha256=sha256,
        mode="terminal",
        reviewed_wall_ns=0,
        tool_version="0.1.0",
        base_sha256=plan.base_sha256,
        base_path=str(base_path),
        plan_sha256=hashlib.sha256(plan_bytes(plan)).hexdigest(),
        files_seen=1,
        files_total=1,
    )
    write_review(home, record)
    Owners(home).keep_recorded(plan.base_sha256, home.root.parent / "work", owner)
    return path


def sign_at_terminal(*arguments: str | Path, cwd: Path) -> Ran:
    """Run `signoff sign` in a terminal of its own; a person says yes to all that it asks."""
    argv = [sys.executable, "-I", "-m", "signoff_collector", "sign", *map(str, arguments)]
    with Terminal(argv, cwd=cwd) as terminal:
        code = terminal.agree()
        shown = terminal.shown.decode("utf-8", "replace").replace("\r\n", "\n")
    return Ran(code=code, out=shown, err=shown)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How a command ended."""

    code: int
    out: str
    err: str

    def rows(self) -> list[dict[str, object]]:
        """Return the JSON objects of stdout."""
        return [json.loads(line) for line in self.out.splitlines()]


def run_signoff(
    *arguments: str | Path,
    stdin: str | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    prefix: Sequence[str] = (),
) -> Ran:
    """Run `signoff` as its own process, without a terminal."""
    done = subprocess.run(
        [*prefix, sys.executable, "-I", "-m", "signoff_collector", *map(str, arguments)],
        input=stdin if stdin is not None else "",
        capture_output=True,
        text=True,
        timeout=deadline(),
        env={**os.environ, **(env or {})},
        cwd=cwd,
        check=False,
    )
    return Ran(code=done.returncode, out=done.stdout, err=done.stderr)


class PersonsConsole(Console):
    """A terminal at which a person answers yes, or what is given for the question."""

    def __init__(self, *, answers: Mapping[str, str], out: io.StringIO, err: io.StringIO) -> None:
        super().__init__(is_json=False, out=out, err=err)
        self._answers = answers

    @property
    def is_terminal(self) -> bool:
        """Whether a person can be asked."""
        return True

    def ask(self, question: str, *, default: str = "") -> str:
        """Answer as the person does; an empty answer is Enter."""
        self.say(question)
        given = [text for words, text in self._answers.items() if words in question]
        return (given[0] if given else "y") or default


def call_signoff(*arguments: str | Path, answers: Mapping[str, str] | None = None) -> Ran:
    """Run a verb of `signoff` in this process, which saves starting an interpreter.

    Args:
        arguments: the words after `signoff`.
        answers: a person's, by a part of the question; None: there is no terminal.
    """
    verb, *rest = map(str, arguments)
    out, err = io.StringIO(), io.StringIO()
    console = Console(is_json="--json" in rest, out=out, err=err)
    if answers is not None:
        console = PersonsConsole(answers=answers, out=out, err=err)
    command = importlib.import_module(f"signoff_collector.commands.{verb}")
    parser = argparse.ArgumentParser()
    parser.add_argument("--json", action="store_true")
    command.add_arguments(parser)
    try:
        code = command.run(parser.parse_args(rest), console)
    except SignoffError as error:
        console.note(f"error: {error}")
        code = error.exit_code
    return Ran(code=code, out=out.getvalue(), err=err.getvalue())


def signed_episode(home_folder: Path, store: Path, *options: str, text: str = TYPED) -> Path:
    """Make, review and sign an episode for a folder store; return its path."""
    home = resolve_home({"SIGNOFF_HOME": str(home_folder)}).ensure()
    path = put_episode(home, small_episode(text))
    done = call_signoff("sign", path, "--to", store, "--owner", "mine", "--yes", *options)
    assert done.code == 0, done.err
    return path
