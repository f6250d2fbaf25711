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

from signoff_collector.consent.review_records import ReviewRecord, write_review
from signoff_collector.episode.content import Edit, EditTable, Episode, encode_text
from signoff_collector.episode.file.writer import write_episode
from signoff_collector.episode.masked import MARK
from signoff_collector.system.console import Console
from signoff_collector.system.home import Home, resolve_home
from signoff_schemas.errors import SignoffError
from signoff_schemas.header import EpisodeHeader
from signoff_schemas.steps import OpenStep, SaveStep
from signoff_schemas.words import ACTOR_CLASSES, BASES, ActorClass, Basis

MS = 1_000_000
TYPED = "x = '\U0001f600\U00010348'\n"


def small_episode(text: str = TYPED) -> bytes:
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
            origin="shared",
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


def put_episode(home: Home, content: bytes, *, is_reviewed: bool = True) -> Path:
    """Put an episode where sealed ones lie, and note a review of it."""
    sha256 = hashlib.sha256(content).hexdigest()
    path = home.episodes / f"{sha256[:16]}.episode"
    path.write_bytes(content)
    if is_reviewed:
        record = ReviewRecord(
            sha256=sha256,
            mode="terminal",
            reviewed_wall_ns=0,
            tool_version="0.1.0",
            base_sha256="0" * 64,
            files_seen=1,
            files_total=1,
        )
        write_review(home, record)
    return path


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


def call_signoff(*arguments: str | Path) -> Ran:
    """Run a verb of `signoff` in this process, which saves starting an interpreter."""
    verb, *rest = map(str, arguments)
    out, err = io.StringIO(), io.StringIO()
    console = Console(is_json="--json" in rest, out=out, err=err)
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
