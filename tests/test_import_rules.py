"""Each import rule of `pyproject.toml` fails where it is broken, in a copy of the tree."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
COMPONENTS = {
    "signoff_schemas": "schemas", "signoff_collector": "collector", "signoff_bridge": "lsp_bridge",
    "signoff_datasets": "datasets", "signoff_hub": "hub",
}  # fmt: skip
BROKEN = {
    "components": [("signoff_schemas/at.py", "signoff_collector.cli")],
    "datasets": [("signoff_datasets/actions/__init__.py", "signoff_collector.seal.sealing")],
    "hub": [("signoff_hub/place/settings.py", "signoff_collector.review.desk")],
    "hub_rooms": [
        ("signoff_hub/place/settings.py", "signoff_hub.database.tables"),
        ("signoff_hub/another_room.py", "json"),
    ],
    "dataset_rooms": [
        ("signoff_datasets/actions/__init__.py", "signoff_datasets.engines.interface"),
        ("signoff_datasets/another_room.py", "json"),
    ],
    "rooms": [
        ("signoff_collector/system/clock.py", "signoff_collector.cli"),
        ("signoff_collector/text/rows.py", "signoff_collector.workspaces.enabled_list"),
        ("signoff_collector/another_room.py", "json"),
    ],
    "network": [
        ("signoff_collector/history/day/day.py", "socket"),
        ("signoff_collector/capture/controls.py", "http.client"),
        ("signoff_collector/installation/account.py", "ssl"),
        ("signoff_collector/review/serving/guard.py", "socket"),
        ("signoff_bridge/process.py", "httpx"),
    ],
    "asking": [("signoff_datasets/sources/opening.py", "signoff_collector.upload.hub.client")],
    "sending": [("signoff_collector/seal/sealing.py", "signoff_collector.upload.sending.sending")],
    "listening": [
        ("signoff_collector/upload/stores/gate.py", "uvicorn"),
        ("signoff_hub/log/__init__.py", "fastapi"),
    ],
    "git": [("signoff_collector/capture/git/git_watch.py", "git")],
    "circles": [
        ("signoff_collector/history/files/causes.py", "signoff_collector.history.search.finding"),
        ("signoff_collector/seal/paths.py", "signoff_collector.seal.sealing"),
        ("signoff_bridge/protocol/messages.py", "signoff_bridge.recording.recorder"),
    ],
    "pure": [("signoff_collector/redaction/redactor.py", "signoff_collector.programs.children")],
}
"""Per rule: modules, and what none of them may import."""
LINT = """
import sys
rule, *folders = sys.argv[1:]
sys.path[:0] = folders
from importlinter.cli import lint_imports
only = (rule,) if rule else ()
sys.exit(lint_imports("pyproject.toml", limit_to_contracts=only, no_cache=True, no_logo=True))
"""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Copy what the rules are about."""
    copy = tmp_path_factory.mktemp("tree")
    shutil.copy(ROOT / "pyproject.toml", copy)
    for package, component in COMPONENTS.items():
        shutil.copytree(
            ROOT / component / package,
            copy / component / package,
            ignore=shutil.ignore_patterns("__pycache__"),
        )
    return copy


def is_kept(tree: Path, rule: str = "") -> bool:
    """Tell whether the import linter finds one rule kept in a tree, or all of them."""
    folders = [str(tree / component) for component in COMPONENTS.values()]
    done = subprocess.run(
        [sys.executable, "-I", "-c", LINT, rule, *folders],
        cwd=tree,
        capture_output=True,
        text=True,
        check=False,
    )
    assert re.search(r"Contracts: \d+ kept, \d+ broken", done.stdout), done.stdout + done.stderr
    return done.returncode == 0


def rules() -> list[dict[str, str]]:
    table = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts: list[dict[str, str]] = table["tool"]["importlinter"]["contracts"]
    return contracts


def test_every_rule_is_tried_here() -> None:
    assert {rule["id"] for rule in rules()} == set(BROKEN)


def test_the_tree_keeps_all_rules(tree: Path) -> None:
    assert is_kept(tree)


@pytest.mark.parametrize(
    ("rule", "module", "imported"),
    [(rule, *case) for rule, cases in BROKEN.items() for case in cases],
)
def test_a_forbidden_import_breaks_its_rule(
    tree: Path, rule: str, module: str, imported: str
) -> None:
    place = tree / COMPONENTS[module.partition("/")[0]] / module
    before = place.read_bytes() if place.exists() else None
    hidden = f"\n\ndef _lazy() -> None:\n    import {imported}\n".encode()
    try:
        place.write_bytes((before or b'"""A module."""\n') + hidden)
        assert not is_kept(tree, rule)
    finally:
        if before is None:
            place.unlink()
        else:
            place.write_bytes(before)
