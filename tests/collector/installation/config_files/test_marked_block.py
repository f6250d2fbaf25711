from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_collector.installation.config_files.marked_block import (
    block,
    find_block,
    with_block,
    without_block,
)
from signoff_schemas.errors import DamagedError

LINES = st.text(alphabet=st.sampled_from("ab >#<\U0001f388\U0001f389\t"), max_size=12)
TEXTS = st.builds(
    lambda lines, newline, end: newline.join(lines) + end,
    st.lists(LINES, max_size=6),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from(["", "\n"]),
)
COMMENTS = st.sampled_from(["#", "--", ";;", '"'])


@given(text=TEXTS, comment=COMMENTS, at_top=st.booleans())
def test_a_block_goes_in_once_and_comes_out_whole(text: str, comment: str, at_top: bool) -> None:
    once = with_block(text, block("one\ntwo", comment=comment), at_top=at_top)
    twice = with_block(once, block("one\ntwo", comment=comment), at_top=at_top)
    assert twice == once
    rest = without_block(once)
    assert rest.removesuffix("\n").removesuffix("\r") == text.removesuffix("\n").removesuffix("\r")


@given(text=TEXTS, comment=COMMENTS)
def test_an_older_block_is_replaced_where_it_stands(text: str, comment: str) -> None:
    older = with_block(text, block("old", comment=comment)) + "after\n"
    newer = with_block(older, block("new", comment=comment))
    assert newer.endswith("after\n")
    assert "old" not in newer
    assert find_block(newer) is not None


@pytest.mark.parametrize("mark", [">>> signoff setup >>>", "<<< signoff setup <<<"])
def test_a_mark_without_its_partner_is_refused(mark: str) -> None:
    with pytest.raises(DamagedError):
        with_block(f"a\n# {mark}\nb\n", block("x", comment="#"))


def test_a_first_line_with_settings_stays_first() -> None:
    text = ";; -*- lexical-binding: t -*-\n(a)\n"
    changed = with_block(text, block("(b)", comment=";;"), at_top=True)
    assert changed.startswith(";; -*- lexical-binding: t -*-\n;; >>>")
    assert without_block(changed) == text
