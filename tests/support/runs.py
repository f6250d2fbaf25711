"""`signoff run` as a person starts it, in an enabled workspace, and what it journalled."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from tests.support.deadline import deadline
from tests.support.repository import WorkTree

from signoff_collector.capture.journal.journal import RecordKind, read_journal
from signoff_collector.capture.opt_in.workspaces import Workspaces
from signoff_collector.capture.sessions.sessions import Session, list_sessions
from signoff_collector.own_files.home import Home, resolve_home
from signoff_schemas.steps import parse_step
from signoff_schemas.words import Owner

SIGNOFF = (sys.executable, "-I", "-m", "signoff_collector")


@dataclass(frozen=True, slots=True, kw_only=True)
class Project:
    """An enabled workspace with a repository."""

    tree: WorkTree
    home: Home

    @classmethod
    def create(cls, root: Path, *, is_enabled: bool = True) -> Project:
        """Make the repository, and opt in."""
        tree = WorkTree.create(root)
        tree.commit("first", ".gitignore", "__pycache__\n.env\n")
        own = resolve_home()
        if is_enabled:
            Workspaces(own.ensure()).enable(root, owner=Owner.MINE, is_confirmed=True)
        return cls(tree=tree, home=own)

    def run(
        self,
        *argv: str,
        options: Sequence[str] = (),
        env: Mapping[str, str] | None = None,
        stdin: bytes = b"",
        limits: object = None,
    ) -> subprocess.CompletedProcess[bytes]:
        """Run `signoff run OPTIONS -- ARGV` in the project."""
        return subprocess.run(
            [*SIGNOFF, "run", *options, "--", *argv],
            cwd=self.tree.root,
            env={**os.environ, **(env or {})},
            input=stdin,
            capture_output=True,
            timeout=deadline() * 2,
            check=False,
            preexec_fn=limits,  # type: ignore[arg-type]  # a callable or None
        )

    @property
    def sessions(self) -> list[Session]:
        """The sessions so far."""
        return list_sessions(self.home)

    def steps(self, kind: str, source: str = "run") -> list[dict[str, object]]:
        """Return the journalled steps of one kind by time, each accepted by the schema."""
        found: list[dict[str, object]] = []
        for session in self.sessions:
            for journal in session.journals:
                if not journal.name.startswith(f"{source}-"):
                    continue
                for record in read_journal(journal).records:
                    if record.kind == RecordKind.STEP and record.fields["kind"] == kind:
                        parse_step({"seq": 0, "t_ns": 0, "source": source, **record.fields})
                        found.append(dict(record.fields))
        return sorted(found, key=lambda step: cast("int", step["t_boot_ns"]))

    def step(self, kind: str) -> dict[str, object]:
        """Return the only step of a kind."""
        (found,) = self.steps(kind)
        return found

    def end(self) -> None:
        """Take every session away, so that its watcher ends and nothing is sealed."""
        shutil.rmtree(self.home.sessions, ignore_errors=True)


def head(step: Mapping[str, object]) -> str:
    """Return the head of a command's output."""
    return cast("dict[str, str]", step["output"])["head"]


def outcomes(step: Mapping[str, object]) -> dict[str, str]:
    """Return test id to outcome."""
    cases = cast("list[dict[str, str]]", step["cases"])
    return {case["id"]: case["outcome"] for case in cases}
