"""No screen says a word that stops an engineer: sources of page and terminal are searched.

The same words are searched for in what a real browser shows (`e2e/browser.mjs`).
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from signoff_collector.consent.terms.notices import current_notice
from signoff_schemas.header import Observability
from signoff_schemas.shown_words import (
    CORRECTIONS,
    MASK_KINDS,
    MASK_REASONS,
    OBSERVED,
    field_words,
    mask_words,
)

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "editor_extensions" / "review_page"
ROOMS = [ROOT / "collector" / "signoff_collector" / room for room in ("review", "replay")]
OLD = [re.compile(one) for one in json.loads((PAGE / "e2e" / "old_words.json").read_text("utf-8"))]
NAMES = {"resync", "resyncs", "blind_spans"}
"""What the file calls it; a string that is nothing but a name is not shown."""
_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_INTERPOLATED = re.compile(r"\$\{[^}]*\}")
_STRING = re.compile(r'"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\.)*`|>[^<>{}]+<', re.DOTALL)


def _strings_of_python(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text("utf-8"))
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and id(node) not in said and isinstance(node.value, str):
            yield node.value


def _strings_of_script(path: Path) -> Iterator[str]:
    for match in _STRING.finditer(_COMMENT.sub("", path.read_text("utf-8"))):
        yield _INTERPOLATED.sub("", match[0][1:-1])


def _shown_strings() -> Iterator[tuple[Path, str]]:
    for room in ROOMS:
        for path in room.rglob("*.py"):
            yield from ((path, text) for text in _strings_of_python(path))
    for ending in ("*.ts", "*.tsx"):
        for path in (PAGE / "src").rglob(ending):
            if "schemas" not in path.parts:
                yield from ((path, text) for text in _strings_of_script(path))


def test_no_source_of_a_screen_says_an_old_word() -> None:
    said = [
        f"{path.relative_to(ROOT)}: {text[:80]!r}"
        for path, text in _shown_strings()
        if text not in NAMES and not text.startswith("/") and any(old.search(text) for old in OLD)
    ]
    assert said == []


@pytest.mark.parametrize(
    "words",
    [
        *(mask_words(kind, how) for kind in MASK_KINDS for how in MASK_REASONS),
        *(field_words(one) for one in ("/output/head", "/argv/1", "/cases/0/message", "/a_b/0")),
        *CORRECTIONS.values(),
        *OBSERVED.values(),
    ],
)
def test_no_word_of_the_table_is_an_old_one(words: str) -> None:
    assert not [old.pattern for old in OLD if old.search(words)]


def test_whatever_a_source_can_see_has_words() -> None:
    assert set(OBSERVED) == set(Observability.model_fields) - {"source", "from_ns", "to_ns"}


def test_overview_promises_of_masks_what_the_notice_does() -> None:
    found = re.search(r"Two things stay: .*?as everybody has it", current_notice().text)
    assert found is not None
    source = (PAGE / "src" / "review" / "overview_words.ts").read_text("utf-8")
    said = re.sub(r'" \+\n\s*"', "", source)
    assert f"is in the file. {found[0]}." in said


def test_the_search_finds_an_old_word(tmp_path: Path) -> None:
    script, module = tmp_path / "a.tsx", tmp_path / "a.py"
    script.write_text("/** resync */ const a = <p>3 masked as USERINFO</p>;\n")
    module.write_text('"""A resync."""\nA = f"{3} of no known word"\n')
    for found in (_strings_of_script(script), _strings_of_python(module)):
        (text,) = (one for one in found if any(old.search(one) for old in OLD))
        assert text in {"3 masked as USERINFO", " of no known word"}
