"""Every release of zstd judges an episode alike, whichever release sealed it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pytest
from tests.support.zstd_release import CHANGED, EPISODES

pytestmark = pytest.mark.install
ROOT = Path(__file__).resolve().parents[2]
GOLDEN: Final = ROOT / "tests" / "golden" / "version_1"
OLDEST, NEWEST = "0.22", "newest"
RELEASES: Final = (OLDEST, "0.23", "0.24", NEWEST)
"""Of python-zstandard, with zstd 1.5.5, 1.5.6 and 1.5.7, and Python's own or its backport; the
oldest beside the oldest numpy that pyproject.toml allows."""
LIMIT_S = 600


def _run(argv: list[str], packages: Path | None = None) -> str:
    paths = [str(path) for path in (packages, ROOT) if path is not None]
    done = subprocess.run(
        argv,
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(paths),
            "ZSTD": "other" if packages else "own",
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=LIMIT_S,
        check=False,
    )
    assert done.returncode == 0, f"{argv}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path | None]:
    """Per release, the folder that it lies in; None for what the tests themselves run with."""
    folder = tmp_path_factory.mktemp("zstandard")
    found: dict[str, Path | None] = {NEWEST: None}
    for release in RELEASES[:-1]:
        found[release] = folder / release
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target"]
        pins = str(ROOT / "requirements" / f"zstandard_{release}.txt")
        _run([*pip, str(folder / release), "-r", pins])
    return found


@pytest.fixture(scope="module")
def sealed(
    tmp_path_factory: pytest.TempPathFactory, packages: dict[str, Path | None]
) -> dict[str, Path]:
    """The same episodes, sealed with the oldest and with the newest release."""
    folders = {name: tmp_path_factory.mktemp(f"sealed-{name}") for name in (OLDEST, NEWEST)}
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda n: _child(packages[n], "seal", folders[n]), folders))
    return folders


def _child(packages: Path | None, *arguments: object) -> str:
    program = [sys.executable, "-m", "tests.support.zstd_release"]
    return _run([*program, *map(str, arguments)], packages)


def test_releases_judge_alike_what_any_of_them_sealed_and_what_was_changed(
    packages: dict[str, Path | None], sealed: dict[str, Path]
) -> None:
    names = [path.name for path in sorted(sealed[NEWEST].iterdir())]
    assert len(names) == EPISODES
    differing = [
        name
        for name in names
        if (sealed[OLDEST] / name).read_bytes() != (sealed[NEWEST] / name).read_bytes()
    ]
    assert differing  # else nothing here would show that bytes are not compared
    folders = (GOLDEN, *sealed.values())
    with ThreadPoolExecutor(2) as pool:
        said = list(
            pool.map(lambda n: json.loads(_child(packages[n], "judge", *folders)), RELEASES)
        )
    assert len({one["versions"]["zstd"] for one in said}) >= 3, said
    assert len({one["versions"]["numpy"] for one in said}) == 2
    golden = len(list(GOLDEN.glob("*.episode")))
    for one in said:
        assert len(one["said"]) == golden + 2 * EPISODES
        wrong = {name: verdict for name, verdict in one["said"].items() if verdict != "passes"}
        assert not wrong, one["versions"]
        assert len(one["changed"]) == CHANGED
    assert len({one["changed"] for one in said}) == 1
    assert said[0]["changed"].count("r") > CHANGED * 9 // 10


@pytest.mark.parametrize("release", RELEASES)
def test_the_verb_says_the_same_of_an_episode_that_another_release_sealed(
    release: str, packages: dict[str, Path | None], sealed: dict[str, Path], home: Path
) -> None:
    for folder in sealed.values():
        module = "signoff_collector" if release == NEWEST else "tests.support.zstd_other"
        program = [sys.executable, "-m", module, "check", "--json"]
        said = _run([*program, str(folder / "004.episode")], packages[release])
        assert json.loads(said)["mismatches"] == []
