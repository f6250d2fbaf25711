"""The manual page and the table behind Tab are those of the command line, and roff can read it."""

from __future__ import annotations

import json
import re
import shutil
import subprocess

import pytest
from tests.write_manual import LINES, PAGE, VERBS, page, table

from signoff_collector.completion.table import TABLE

_STALE = "run .venv/bin/python tests/write_manual.py"


def test_the_manual_page_is_as_the_parsers_are_now() -> None:
    assert PAGE.read_text("utf-8") == page(), _STALE


def test_the_table_behind_tab_is_as_the_parsers_are_now() -> None:
    assert TABLE.read_text("utf-8") == table(), _STALE
    assert list(json.loads(table())) == list(LINES)
    assert [name for name in LINES if " " not in name] == list(VERBS)


def test_every_verb_and_option_is_in_the_page() -> None:
    said = PAGE.read_text("utf-8").replace("\\-", "-")
    sections = re.findall(
        r'^\.SS "signoff ([^"]*)"\n(.*?)(?=^\.S[SH])', said, re.MULTILINE | re.DOTALL
    )
    assert len(sections) == len(LINES)
    for (usage, section), (name, line) in zip(sections, LINES.items(), strict=True):
        assert f"{usage} ".startswith(f"{name} ")
        lines = re.findall(r'^\.B "(.*)"$', section, re.MULTILINE)
        named = {*" ".join(lines).replace(",", " ").split()}
        for action in line.actions:
            assert {*action.option_strings} <= named, name


@pytest.mark.parametrize(
    "check",
    [
        ["groff", "-man", "-Tutf8", "-ww", "-z"],
        ["man", "--warnings", "-E", "UTF-8", "-l", "-Tutf8", "-Z"],
        ["mandoc", "-Tlint", "-Wwarning"],
    ],
    ids=lambda check: check[0],
)
def test_nothing_that_reads_manual_pages_complains(check: list[str]) -> None:
    if shutil.which(check[0]) is None:
        pytest.skip(f"{check[0]} is not installed here")
    done = subprocess.run(
        [*check, str(PAGE)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stderr == ""
    assert check[0] != "mandoc" or done.stdout == ""
