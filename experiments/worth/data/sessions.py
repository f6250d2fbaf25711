"""Sessions as a file between the processes of one run."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from experiments.worth.examples import Action, Edit, Session
from signoff_collector.own_files.private_files import replace_private

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def write_sessions(path: Path, sessions: Sequence[Session]) -> None:
    """Write sessions, all or nothing."""
    write_json(path, [asdict(session) for session in sessions])


def read_sessions(path: Path) -> list[Session]:
    """Read sessions that this machine wrote."""
    return [
        Session(
            name=one["name"],
            source=one["source"],
            is_code=one["is_code"],
            edits=tuple(Edit(**{**edit, "views": tuple(edit["views"])}) for edit in one["edits"]),
            actions=tuple(Action(**action) for action in one["actions"]),
        )
        for one in json.loads(path.read_bytes())
    ]


def write_json(path: Path, value: object) -> None:
    """Write a value in one form, all or nothing: a file that is there is whole."""
    text = json.dumps(value, indent=1, sort_keys=True, ensure_ascii=True)
    replace_private(path, text.encode() + b"\n")
