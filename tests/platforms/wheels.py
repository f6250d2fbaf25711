"""Which wheels an installation finds, for each system and each Python, asked of the package index.

A resolver takes what `pyproject.toml` says for a system that is not this one, and may build
nothing. `make wheels-check` prints the table of docs/platforms.md, and fails where a system
resolves otherwise than is known, for better or worse.
"""

from __future__ import annotations

import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PYTHONS: Final = ("3.11", "3.12", "3.13", "3.14")
PLATFORMS: Final = {
    "macOS arm64": "aarch64-apple-darwin",
    "macOS x86-64": "x86_64-apple-darwin",
    "Windows amd64": "x86_64-pc-windows-msvc",
    "Windows arm64": "aarch64-pc-windows-msvc",
    "glibc 2.28 x86-64": "x86_64-manylinux_2_28",
    "glibc 2.28 arm64": "aarch64-manylinux_2_28",
    "glibc 2.17 x86-64": "x86_64-manylinux_2_17",
    "musl x86-64": "x86_64-unknown-linux-musl",
    "musl arm64": "aarch64-unknown-linux-musl",
}
"""Our name of a system, the resolver's."""

PARTS: Final = {"signoff": "", "signoff[s3]": "s3", "signoff[seal]": "seal"}
"""What is installed, the extras of it."""

_ENGINES: Final = "google-re2 and kingfisher-secret-scanner have no wheel for it"
_NUMPY: Final = "numpy has no wheel for it"
MISSING: Final = {
    **{
        ("signoff[seal]", name, python): _ENGINES
        for name in ("glibc 2.17 x86-64", "musl x86-64", "musl arm64")
        for python in PYTHONS
    },
    ("signoff", "glibc 2.17 x86-64", "3.14"): _NUMPY,
    ("signoff[s3]", "glibc 2.17 x86-64", "3.14"): _NUMPY,
}
"""What is known not to resolve, and why."""

NATIVE: Final = (
    "backports-zstd", "cffi", "cryptography", "google-re2", "kingfisher-secret-scanner", "msgpack",
    "msgspec", "numpy", "obstore", "pydantic-core", "watchdog",
)  # fmt: skip
"""Distributions with machine code: the table names the release that each system gets."""

_LIMIT_S: Final = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolved:
    """What one installation on one system would take."""

    part: str
    platform: str
    python: str
    releases: dict[str, str]
    """Release by distribution; empty where something has no wheel."""
    said: str
    """What the resolver said where it failed."""


def resolve(part: str, platform: str, python: str) -> Resolved:
    """Ask the package index; nothing is downloaded but metadata, nothing is installed."""
    extras = PARTS[part]
    argv = [
        str(Path(sys.executable).with_name("uv")), "pip", "compile", "--quiet", "--no-build",
        "--no-header", "--no-annotate", "--python-version", python,
        "--python-platform", PLATFORMS[platform],
        *(f"--extra={one}" for one in extras.split(",") if one), "pyproject.toml",
    ]  # fmt: skip
    done = subprocess.run(
        argv, cwd=ROOT, capture_output=True, text=True, timeout=_LIMIT_S, check=False
    )
    found = dict(re.findall(r"^([\w.-]+)==(\S+)", done.stdout, re.MULTILINE))
    return Resolved(
        part=part,
        platform=platform,
        python=python,
        releases=found if done.returncode == 0 else {},
        said="" if done.returncode == 0 else done.stderr.strip(),
    )


def resolve_all() -> list[Resolved]:
    """Ask for each part, system and Python; a few at a time, since all of them wait."""
    cells = [(part, name, one) for part in PARTS for name in PLATFORMS for one in PYTHONS]
    with ThreadPoolExecutor(3) as pool:
        return list(pool.map(lambda cell: resolve(*cell), cells))


def table(cells: list[Resolved]) -> str:
    """Return a table in Markdown: a row for each system, a column for each part."""
    lines = [
        f"| | {' | '.join(f'`{part}`' for part in PARTS)} | older releases are taken of |",
        "|---|" + "---|" * (len(PARTS) + 1),
    ]
    newest = _newest(cells)
    for name in PLATFORMS:
        here = [cell for cell in cells if cell.platform == name]
        marks = [_mark([cell for cell in here if cell.part == part]) for part in PARTS]
        older = {
            f"{one} {cell.releases[one]}"
            for cell in here
            for one in NATIVE
            if cell.releases.get(one, newest.get((one, cell.python)))
            != newest.get((one, cell.python))
        }
        lines.append(f"| {name} | {' | '.join(marks)} | {', '.join(sorted(older)) or '-'} |")
    return "\n".join(lines)


def _mark(cells: list[Resolved]) -> str:
    missing = [cell for cell in cells if not cell.releases]
    if not missing:
        return "✓"
    where = "" if len(missing) == len(cells) else f"{', '.join(c.python for c in missing)}: "
    one = missing[0]
    why = MISSING.get((one.part, one.platform, one.python), "not known")
    return f"✗ {where}{why}"


def _newest(cells: list[Resolved]) -> dict[tuple[str, str], str]:
    """Return the newest release that any system gets, by distribution and Python."""
    newest: dict[tuple[str, str], str] = {}
    for cell in cells:
        for name, release in cell.releases.items():
            before = newest.get((name, cell.python), "0")
            newest[name, cell.python] = max(before, release, key=_in_order)
    return newest


def _in_order(release: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", release)]


def surprises(cells: list[Resolved]) -> list[str]:
    """Return what is not as `MISSING` says, in either direction."""
    return [
        f"{cell.part} on {cell.platform}, Python {cell.python}: "
        + (cell.said or "it resolves now: take it out of MISSING")
        for cell in cells
        if bool(cell.releases) is ((cell.part, cell.platform, cell.python) in MISSING)
    ]


if __name__ == "__main__":
    asked = resolve_all()
    sys.stdout.write(table(asked) + "\n")
    sys.exit("\n".join(surprises(asked)) or None)
