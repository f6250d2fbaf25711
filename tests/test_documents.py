"""What the documents say must be so."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from signoff_collector.cli import DAILY_VERBS, PLUMBING_VERBS
from signoff_datasets.commands.dataset import PARTS as DATASET_PARTS
from signoff_hub.commands.hub import PARTS as HUB_PARTS
from signoff_schemas import errors

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        ROOT / "editor_extensions" / "PROTOCOL.md",
    ]
)
VERBS = {*DAILY_VERBS, *PLUMBING_VERBS}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_to_a_file_leads_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text("utf-8")):
        if "://" not in target:
            assert (document.parent / target).exists(), target


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_verb_in_a_code_block_exists(document: Path) -> None:
    for block in re.findall(r"```(?:sh|text)?\n(.*?)```", document.read_text("utf-8"), re.DOTALL):
        for verb in re.findall(r"^(?:\$ )?signoff ([a-z-]+)", block, re.MULTILINE):
            assert verb in VERBS, verb


@pytest.mark.parametrize("verb", sorted(VERBS))
def test_the_options_that_documents_use_are_those_of_the_verb(verb: str, home: Path) -> None:
    text = help_of(verb)
    assert "example:" in text
    assert f"signoff {verb}" in text.split("example:")[1]
    parts = {"dataset": DATASET_PARTS, "hub": HUB_PARTS}.get(verb, {})
    text += "".join(help_of(verb, part) for part in parts)
    used = {
        option
        for document in DOCUMENTS
        for line in re.findall(
            rf"^(?:\$ )?signoff {verb} .*$", document.read_text("utf-8"), re.MULTILINE
        )
        for option in re.findall(r" (--[a-z-]+)", line.split(" -- ")[0].split("#")[0])
    }
    for option in used:
        assert option in text, option


def help_of(*words: str) -> str:
    return subprocess.run(
        [sys.executable, "-I", "-m", "signoff_collector", *words, "--help"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    ).stdout


def test_the_page_of_the_command_line_has_a_row_for_each_verb_and_no_other() -> None:
    page = (ROOT / "docs" / "cli.md").read_text("utf-8")
    rows = re.findall(r"^\| `signoff ([a-z-]+)[^`]*` \|", page, re.MULTILINE)
    assert rows == [*DAILY_VERBS, *PLUMBING_VERBS]
    readme = (ROOT / "README.md").read_text("utf-8")
    named = set(re.findall(r"^signoff ([a-z-]+)|`signoff ([a-z-]+)", readme, re.MULTILINE))
    assert {first or second for first, second in named} <= VERBS
    assert [verb for verb in DAILY_VERBS if not re.search(rf"`?signoff {verb}\b", readme)] == []
    assert "`signoff VERB --help`" in readme
    assert "[docs/cli.md](docs/cli.md) lists all" in readme


def test_the_table_of_exit_codes_holds_those_of_the_errors() -> None:
    table = (ROOT / "docs" / "cli.md").read_text("utf-8")
    codes = {error.exit_code for error in vars(errors).values() if _is_error(error)}
    for code in codes:
        assert f"\n| {code} | " in table


def _is_error(value: object) -> bool:
    return isinstance(value, type) and issubclass(value, errors.SignoffError)


def test_the_decisions_are_numbered_without_holes() -> None:
    numbers = sorted(int(path.name[:4]) for path in (ROOT / "docs" / "decisions").glob("[0-9]*.md"))
    assert numbers == list(range(1, len(numbers) + 1))


def test_no_lock_file_names_a_download_address() -> None:
    for path in (ROOT / "requirements").glob("*.txt"):
        assert "://" not in path.read_text("utf-8")


def test_every_row_of_the_threat_model_names_a_test_or_says_later() -> None:
    page = (ROOT / "docs" / "threat_model.md").read_text("utf-8")
    rows = [line.split("|") for line in page.splitlines() if re.match(r"\| \d+ \|", line)]
    assert [int(row[1]) for row in rows] == list(range(1, 40))
    for row in rows:
        named = re.findall(r"`([^`]+)`", row[4])
        assert len(named) == len(set(named)), row
        assert named or row[3].strip().startswith("later"), row
        for path in named:
            assert (ROOT / path).is_file(), path


def test_every_threat_to_a_hub_names_tests_that_exist_or_says_that_it_is_not_defended() -> None:
    page = (ROOT / "docs" / "threat_model.md").read_text("utf-8").split("\n## The hub\n")[1]
    rows = [line.split(" | ") for line in page.splitlines() if re.match(r"\| H\d+ \|", line)]
    assert [row[0] for row in rows] == [f"| H{number}" for number in range(1, len(rows) + 1)]
    assert len(rows) > 30
    for row in rows:
        assert len(row) == 4, row
        named = re.findall(r"`(tests/[^`]+)::(\w+)`", row[3])
        assert row[3].count("`") == 2 * len(named), row
        assert named or "**not defended**:" in row[2], row
        for path, name in named:
            assert f"def {name}(" in (ROOT / path).read_text("utf-8"), name


def test_the_glossary_names_what_the_code_has() -> None:
    page = (ROOT / "docs" / "glossary.md").read_text("utf-8")
    names = re.findall(r"`([^`]+)`", "".join(re.findall(r"\|([^|]*)\|$", page, re.MULTILINE)))
    assert len(names) > 50
    sources = [
        path
        for component in ("collector", "datasets", "hub", "lsp_bridge", "schemas")
        for path in (ROOT / component).rglob("*.py")
    ]
    code = "\n".join(path.read_text("utf-8") for path in sources)
    places = {str(path.relative_to(ROOT)) for path in sources}
    for name in names:
        if "/" in name or name.endswith(".py"):
            known = name.startswith(("config/", "data/", "editor_extensions/"))
            assert known or any(f"/{name}" in f"/{place}" for place in places), name
        elif not name.startswith((".", "signoff_")):
            kinds = rf"(?m)^\s*(class {name}\b|def {name}\b|{name}\s*[:=]|type {name}\b)"
            assert re.search(kinds, code), name


@pytest.mark.parametrize("page", ["architecture", "promises"])
def test_the_files_that_a_page_names_are_there(page: str) -> None:
    text = (ROOT / "docs" / f"{page}.md").read_text("utf-8")
    base = ROOT / "collector" / "signoff_collector"
    roots = (ROOT, base, ROOT / "datasets", ROOT / "lsp_bridge", ROOT / "schemas", base.parent)
    roots += (ROOT / "datasets" / "signoff_datasets", ROOT / "lsp_bridge" / "signoff_bridge")
    roots += (base / "redaction" / "detectors",)
    roots += (base / "upload" / "stores", base / "capture" / "shell")
    for name in re.findall(r"`([\w/.]+(?:\.py|/))`", text):
        if "NAME" not in name:
            assert any((root / name).exists() for root in roots), name
