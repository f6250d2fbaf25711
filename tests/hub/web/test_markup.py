"""Whatever stands in a page is text, and leads nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.hub_pages import Shown

from signoff_hub.web.markup import document, tag


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r")))
def test_text_stays_text_and_an_attribute_stays_one(text: str) -> None:
    page = Shown(document(None, tag("p", text, title=text)))
    assert [name for name, _ in page.tags] == ["html", "head", "p"]
    assert dict(page.tags)["p"] == {"title": text}
    assert "".join(page.words).strip("\n") == text.strip("\n")


@pytest.mark.parametrize(
    "place",
    ["javascript:alert(1)", "//elsewhere.example", "https://elsewhere.example", "data:,x", ""],
)
def test_an_address_that_leads_elsewhere_is_never_written(place: str) -> None:
    for name in ("href", "src", "action"):
        with pytest.raises(ValueError, match="leads elsewhere"):
            tag("a", **{name: place})
