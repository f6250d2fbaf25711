"""Every line that installs Signoff, in pages and in what programs say, is one that works."""

from __future__ import annotations

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[1]
PLACES: Final = (
    "README.md", "CONTRIBUTING.md", "docs", "editor_extensions", "collector", "datasets", "hub",
    "examples",
)  # fmt: skip
LINE: Final = re.compile(
    r"(?:pip|pipx|uv tool|uv pip) install((?: --force| --user| --upgrade)*) ['\"]?"
    r"((?:\./)?signoff|\.)(?:\[([\w,-]+)\])?(?=['\"`\s),;]|$)",
    re.MULTILINE,
)
"""What is installed (the name, a checkout), and its extras; braces of f-strings do not match."""
FOR_A_SERVER: Final = frozenset({"hub", "ray"})
"""Who installs these records nothing there."""


def lines() -> list[tuple[str, str, str | None]]:
    """Return each line with the page it stands in, and its extras."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", *PLACES],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split("\0")  # fmt: skip
    pages = [name for name in listed if name.endswith((".md", ".py", ".ts", ".lua", ".el", ".1"))]
    return [
        (name, match[0], match[3])
        for name in pages
        if (ROOT / name).is_file()
        for match in LINE.finditer((ROOT / name).read_text("utf-8"))
    ]


def declared() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    return set(project["optional-dependencies"])


def wrong(extras: str | None, known: set[str]) -> str:
    """Return what is wrong with a line, nothing where it is right."""
    named = set() if extras is None else set(extras.split(","))
    if named - known:
        return f"no such extra: {', '.join(sorted(named - known))}"
    if "seal" not in named and not named & FOR_A_SERVER:
        return "on Linux nothing could be sealed: it has to name the extra `seal`"
    return ""


def test_every_line_names_extras_that_exist_and_what_sealing_needs() -> None:
    found = lines()
    assert {"README.md", "docs/hub/first_day.md", "docs/engines.md", "docs/stores.md"} <= {
        page for page, _, _ in found
    }
    known = declared()
    faults = [f"{page}: {line}: {why}" for page, line, one in found if (why := wrong(one, known))]
    assert not faults, "\n".join(faults)


@pytest.mark.parametrize(
    ("line", "is_right"),
    [
        ("pipx install '.[seal]' && signoff setup", True),
        ("uv tool install './signoff[seal]'", True),
        ("pip install 'signoff[hub]'", True),
        ("pipx install --force 'signoff[seal,s3]'", True),
        ("pipx install .", False),
        ("pipx install signoff, or make setup", False),
        ("uv tool install ./signoff", False),
        ("pipx install --force 'signoff[s3]'", False),
        ("pip install 'signoff[seal,gpu]'", False),
    ],
)
def test_a_line_that_would_leave_somebody_without_engines_is_found(
    line: str, *, is_right: bool
) -> None:
    match = LINE.search(line)
    assert match is not None
    assert (wrong(match[3], declared()) == "") is is_right
