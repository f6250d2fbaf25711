"""mlcroissant accepts the metadata of a data set, streams its records, and refuses broken ones."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.support.datasets import Person, content_of, put
from tests.support.datasets_built import built, plan_of

from signoff_datasets.cards.cards import write_cards
from signoff_datasets.verifying.verifying import read_manifest
from signoff_schemas.statement import ProhibitedUse

pytestmark = pytest.mark.exports

ROOT = Path(__file__).resolve().parents[2]
PLACE = Path(os.environ.get("SIGNOFF_E2E_EXPORTS", "~/.cache/signoff-e2e/exports")).expanduser()
FOX = "\U0001f98a\U00010348"
PEOPLE = [Person(number=number) for number in range(24)]
Json = dict[str, Any]


def judged(*folders: Path) -> list[Json]:
    """Return what the outside readers say of the metadata in each folder."""
    python = PLACE / "croissant" / "bin" / "python"
    if not python.exists():
        message = f"no {python}: `make e2e-exports` puts it there"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    done = subprocess.run(
        [python, ROOT / "tests" / "support" / "outside" / "croissant.py", *folders],
        capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"path"')]


@pytest.fixture(scope="module")
def sets(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Return data sets of one shard and of several, with their cards."""
    folder, out = tmp_path_factory.mktemp("episodes"), tmp_path_factory.mktemp("out")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIGNOFF_HOME", str(tmp_path_factory.mktemp("home") / "s"))
        for person in PEOPLE:
            content = content_of(person.number, text=FOX)
            uses = (ProhibitedUse.PROFILING,)
            put(folder, f"e{person.number}", content, person.sign(content, prohibited_uses=uses))
        made: dict[str, Path] = {}
        for name, size in (("one", 1 << 20), ("several", 2000)):
            uses = (ProhibitedUse.IDENTIFICATION, ProhibitedUse.PROFILING)
            plan = plan_of(folder, PEOPLE, k=10, shard_bytes=size, prohibited_uses=uses)
            made[name] = built(plan, folder, PEOPLE, out / name)
            write_cards(made[name])
    return made


@pytest.mark.parametrize("name", ["one", "several"])
def test_metadata_is_accepted_and_every_row_is_streamed(sets: dict[str, Path], name: str) -> None:
    manifest, _ = read_manifest(sets[name])
    rows = Counter[str]()
    for file in manifest.files:
        rows[file.table] += file.rows
    assert (len({file.shard for file in manifest.files}) > 1) == (name == "several")
    (said,) = judged(sets[name])
    assert said["errors"] == said["warnings"] == []
    assert said["records"] == rows
    assert said["prohibited"] == ["urn:signoff:use:identification", "urn:signoff:use:profiling"]


def no_licence(made: Json) -> None:
    del made["license"]


def another_digest(made: Json) -> None:
    made["distribution"][0]["sha256"] = "0" * 64


def a_file_that_is_not_there(made: Json) -> None:
    made["recordSet"][0]["field"][0]["source"]["fileObject"] = {"@id": "nowhere"}


def a_column_that_is_not_there(made: Json) -> None:
    made["recordSet"][0]["field"][0]["source"]["extract"]["column"] = "nothing"


def a_type_that_is_none(made: Json) -> None:
    made["recordSet"][0]["field"][0]["dataType"] = "sc:Nothing"


BROKEN: list[Callable[[Json], None]] = [
    no_licence,
    another_digest,
    a_file_that_is_not_there,
    a_column_that_is_not_there,
    a_type_that_is_none,
]


def test_broken_metadata_is_refused(sets: dict[str, Path], tmp_path: Path) -> None:
    folders: list[Path] = []
    for breaking in BROKEN:
        folder = tmp_path / breaking.__name__
        shutil.copytree(sets["one"], folder)
        made = json.loads((folder / "croissant.json").read_bytes())
        breaking(made)
        (folder / "croissant.json").write_text(json.dumps(made))
        folders.append(folder)
    accepted = [
        Path(said["path"]).name
        for said in judged(*folders)
        if "refused" not in said and not said["errors"] and not said["warnings"]
    ]
    assert accepted == []
