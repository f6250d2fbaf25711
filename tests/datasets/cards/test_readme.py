"""The data set card says what the data set is for, and hostile text in it stays text."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from tests.support.cards import HOSTILE, header_of, manifest

from signoff_datasets.cards.figures import NONE, Figures
from signoff_datasets.cards.readme import plain, readme
from signoff_schemas.dataset import Manifest

BUILDER = "SHA256:abcABC123+/"
FOX = "\U0001f98a\U00010348"
FIGURES = Figures(contributors=40, episodes=2000, languages={"c++": 10, "python": 30})


def card(figures: Figures = FIGURES, of: Manifest | None = None) -> bytes:
    return readme(of or manifest(), figures, builder=BUILDER)


def body(content: bytes) -> str:
    return content.decode("utf-8").split("---\n", 2)[2]


def shown(markdown: str) -> tuple[str, set[str]]:
    """Return the text that Markdown shows, and the kinds of its parts."""
    text: list[str] = []
    kinds: set[str] = set()
    for block in MarkdownIt("commonmark", {"html": True}).enable("table").parse(markdown):
        kinds.add(block.type)
        for part in block.children or ():
            kinds.add(part.type)
            text.append(part.content)
        text.append("\n")
    return "".join(text), kinds


def test_the_header_is_what_hubs_of_data_sets_read() -> None:
    header = header_of(card(of=manifest(shards=3)))
    assert header["license"] == ["apache-2.0", "mit"]
    assert header["size_categories"] == ["1K<n<10K"]
    assert header["pretty_name"] == "made"


@pytest.mark.parametrize("licence", ["NOASSERTION", "MIT OR GPL-3.0-only", "LicenseRef-House"])
def test_a_licence_that_hubs_do_not_know_is_other(licence: str) -> None:
    assert header_of(card(of=manifest(licence=licence)))["license"] == "other"


def test_the_gates_that_were_asked_for_are_named_and_no_others() -> None:
    plain_one = manifest()
    asked = plain_one.request.model_copy(update={"gates": ("replay", "tests")})
    text, _ = shown(body(card(of=plain_one.model_copy(update={"request": asked}))))
    assert re.findall(r"gate of quality (\S+)", text) == ["replay", "tests"]
    assert "gate of quality" not in shown(body(card()))[0]


def test_purpose_prohibited_uses_and_licences_are_named() -> None:
    text, _ = shown(body(card()))
    assert "for model-training: every contributor signed for it" in text
    assert "never for: identification, profiling" in text
    assert "MIT" in text
    assert "Apache-2.0" in text
    assert "contributors: 40 or more" in text
    assert "who wrote c++: 10 or more" in text


def test_hostile_text_is_shown_as_it_is() -> None:
    text, kinds = shown(body(card()))
    assert HOSTILE in text
    assert not kinds & {"html_inline", "html_block", "link_open", "image"}


def test_without_figures_none_are_told_and_no_count_of_what_was_left_out_ever() -> None:
    content = card(NONE, manifest(version=2))
    figures = body(content).split("## How much there is")[1].split("## Tables")[0]
    assert "* none" in figures
    assert not re.search(r"\d\d", figures)
    assert "size_categories" not in header_of(content)
    assert "withdrawn: 3" not in body(content)
    assert "17" not in re.sub(r"[0-9a-f]{64}", "", body(content))


@given(st.text(max_size=60))
def test_any_text_stays_text_on_one_line(text: str) -> None:
    said, kinds = shown(f"a {plain(text)} z")
    assert kinds <= {"paragraph_open", "inline", "paragraph_close", "text", "text_special"}
    expected = "".join(sign for sign in " ".join(text.split()) if sign.isprintable())
    assert said.split() == f"a {expected} z".split()
    assert plain(FOX) == FOX
