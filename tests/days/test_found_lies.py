"""The shortest days on which a verb once lied, each by the name of what it said."""

from __future__ import annotations

import threading
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import pytest
from tests.days.deeds import Deed
from tests.days.living import live

from signoff_bridge.recording import recordings

_A, _B, _C, _D = range(4)
"""Files, as deeds number them."""
_40_MS = 1
_150_MS, _400_MS, _6_S = 2, 3, 6
"""Gaps."""

DAYS = {
    "a file that was written and renamed at once never lay there as it was before": (
        False,
        (Deed("write", what=_B, gap=_150_MS), Deed("rename", what=_B, how=_C)),
    ),
    "what a script wrote can be had after a save over it": (
        False,
        (Deed("open", who=1, what=_C), Deed("write", what=_C), Deed("save", who=1, gap=_6_S)),
    ),
    "a bridge that is told of a file that is gone does not bring it back": (
        False,
        (
            Deed("open", what=_B),
            Deed("delete", what=_B, gap=_150_MS),
            Deed("kill_bridge"),
        ),
    ),
    "a file that is saved and removed at once does not lie there": (
        False,
        (Deed("type", what=_A), Deed("save", gap=0), Deed("delete", what=_A, gap=_150_MS)),
    ),
    "what is saved and put back by git at once does not lie there": (
        True,
        (Deed("type", what=_A), Deed("save", gap=0), Deed("checkout_all", gap=_150_MS)),
    ),
    "what lay on disk before an editor read a change first can be had": (
        False,
        (Deed("append", what=_C, gap=0), Deed("open", what=_C)),
    ),
    "a file that is written right behind its opening was not opened with a text of its own": (
        True,
        (Deed("open", who=1, what=_C, gap=0), Deed("append", who=1, what=_C, how=5, gap=_6_S)),
    ),
    "what was typed in a pause and nothing else is unsaved text of a day": (
        False,
        (Deed("pause"), Deed("type", what=_A), Deed("resume")),
    ),
    "what was typed before a pause and saved in it is not called unsaved": (
        False,
        (Deed("replace", what=_A), Deed("pause"), Deed("save"), Deed("resume")),
    ),
    "a file that was opened in a pause and not changed is not called unsaved": (
        True,
        (Deed("pause"), Deed("open", what=_C), Deed("resume")),
    ),
    "a committed file that was written in a pause and put back by git is left to git": (
        True,
        (Deed("pause"), Deed("write", what=_B), Deed("resume"), Deed("reset")),
    ),
    "what an editor read anew is not unsaved when the file is written again at once": (
        False,
        (Deed("write", what=_A, gap=_40_MS), Deed("reload", gap=_150_MS), Deed("write", what=_A)),
    ),
    "a file that was renamed, read anew and written at once is as it was written": (
        True,
        (
            Deed("rename", what=_C, how=_A, gap=_40_MS),
            Deed("reload", gap=_150_MS),
            Deed("write", what=_A),
        ),
    ),
    "a file that was renamed, read anew and removed at once is gone": (
        False,
        (
            Deed("rename", what=_C, how=_A, gap=_40_MS),
            Deed("reload", gap=_150_MS),
            Deed("delete", what=_A),
        ),
    ),
    "a committed file that was renamed and read anew is not unsaved": (
        True,
        (Deed("rename", what=_B, how=_A, gap=_150_MS), Deed("reload")),
    ),
    "a file that is written right before it is edited is not taken for what the editor shows": (
        True,
        (
            Deed("type", how=2),
            Deed("append", what=_A, how=5, gap=_40_MS),
            Deed("erase", what=2, how=11),
        ),
    ),
    "a file that is removed right before an undo stays so when others are written at once": (
        False,
        (
            Deed("type"),
            Deed("delete", what=_A, gap=_40_MS),
            Deed("undo", gap=_150_MS),
            Deed("write", what=_C),
        ),
    ),
    "an empty file and a buffer with an empty line are the same": (
        False,
        (
            Deed("open", who=1, what=_D),
            Deed("restore", what=_D, how=7),
            Deed("type", who=1, what=1, how=9),
            Deed("undo", who=1, what=7, how=11),
            Deed("agent", what=_D, how=3, gap=_40_MS),
        ),
    ),
    "what was taken and put back within a burst needs no point": (
        True,
        (
            Deed("open", what=_B, gap=_40_MS),
            Deed("open", what=_C),
            Deed("rename", what=_C, how=_B, gap=0),
            Deed("checkout_all"),
            Deed("erase", what=_C, how=8),
        ),
    ),
    "a file that is put back in a pause lies there when its editor still shows it": (
        True,
        (
            Deed("open", what=_B),
            Deed("delete", what=_B),
            Deed("pause"),
            Deed("checkout_all"),
            Deed("resume"),
        ),
    ),
    "what was written before a pause is gone when the editor shows what git put back": (
        True,
        (
            Deed("open", what=_B),
            Deed("append", what=_B),
            Deed("pause"),
            Deed("checkout_all"),
            Deed("resume"),
        ),
    ),
    "a line that was saved stands when an editor that typed on it is left without saving": (
        True,
        (
            Deed("paste"),
            Deed("type", gap=_40_MS),
            Deed("undo", how=6),
            Deed("save"),
            Deed("undo", how=9),
        ),
    ),
    "a line on disk stands when the text over it, with the same word, is left without saving": (
        False,
        (
            Deed("type", how=3, gap=_40_MS),
            Deed("undo", how=4),
            Deed("undo", gap=0),
            Deed("type", how=1, gap=0),
            Deed("append"),
        ),
    ),
    "a file that was gone when an editor opened it, and is put back at once, lies there": (
        True,
        (
            Deed("delete", what=_B, gap=0),
            Deed("open", who=1, what=_B, gap=_150_MS),
            Deed("checkout_all", gap=_40_MS),
            Deed("paste", who=1),
        ),
    ),
    "what an editor read anew lay on disk, though it is written again before its bridge works": (
        True,
        (
            Deed("append", what=_A, gap=_40_MS),
            Deed("reload", gap=0),
            Deed("append", what=_A, gap=_150_MS),
        ),
    ),
}


@pytest.mark.parametrize("name", DAYS)
def test_no_verb_lies_any_more(name: str, tmp_path: Path) -> None:
    has_git, deeds = DAYS[name]
    found, log = live(tmp_path / "day", deeds, has_git=has_git, every=9)
    assert not found, "\n".join(log)


class _Slow(threading.Thread):
    """Opens a session when somebody waits for it, and not before."""

    def __init__(self, **words: object) -> None:
        super().__init__(**words)  # type: ignore[arg-type]  # as `threading.Thread` takes them
        self.is_awaited = threading.Event()

    def run(self) -> None:
        self.is_awaited.wait()
        super().run()

    def join(self, timeout: float | None = None) -> None:
        self.is_awaited.set()
        super().join(timeout)


def test_no_time_goes_by_while_a_bridge_opens_a_session_after_a_pause(tmp_path: Path) -> None:
    deeds = (Deed("pause"), Deed("write", what=_C), Deed("open", who=1, what=_C), Deed("resume"))
    with patch.object(recordings, "threading", SimpleNamespace(Thread=_Slow)):
        found, log = live(tmp_path / "day", deeds, has_git=False, every=9)
    assert not found, "\n".join(log)
