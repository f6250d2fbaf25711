"""Opening the page: where a browser can be, by a program that no workspace provides."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from tests.support.deadline import wait_until

from signoff_collector.review.serving import opening
from signoff_collector.review.serving.opening import no_display, open_in_browser


@pytest.mark.skipif(sys.platform == "darwin", reason="macOS always has a display")
@pytest.mark.parametrize(
    ("environ", "is_shown"),
    [
        ({}, False),
        ({"DISPLAY": ""}, False),
        ({"DISPLAY": ":0"}, True),
        ({"WAYLAND_DISPLAY": "wayland-0"}, True),
        ({"DISPLAY": "localhost:10.0", "SSH_TTY": "/dev/pts/3"}, False),
        ({"WAYLAND_DISPLAY": "wayland-0", "SSH_CONNECTION": "a 1 b 2"}, False),
    ],
)
def test_a_page_is_opened_only_where_there_is_a_display(
    environ: dict[str, str], is_shown: bool
) -> None:
    assert (no_display(environ) is None) is is_shown


def test_without_an_opener_the_person_opens_the_file(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "openers", lambda _: ("no-such-opener-4711",))
    environ = {**os.environ, "DISPLAY": ":0", "BROWSER": "/bin/true", "PATH": str(tmp_path)}
    assert not open_in_browser(tmp_path / "x.html", environ)


def test_an_opener_of_the_workspace_is_not_started(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "openers", lambda _: ("opener-4711",))
    work = tmp_path / "work"
    (work / ".git").mkdir(parents=True)
    own = tmp_path / "programs"
    own.mkdir()
    for folder in (work, own):
        program = folder / "opener-4711"
        program.write_text(f'#!/bin/sh\necho "$1" >"{folder}/started"\n')
        program.chmod(0o755)
    environ = {**os.environ, "DISPLAY": ":0", "PATH": str(work)}
    assert not open_in_browser(tmp_path / "x.html", environ)
    environ["PATH"] = f"{work}:{own}"
    assert open_in_browser(tmp_path / "x.html", environ)
    wait_until((own / "started").exists, "the opener is started")
    assert not (work / "started").exists()
