"""How much two texts share at their ends."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from signoff_collector.text.text_ends import shared_head, shared_tail

TEXTS = st.text(alphabet="ab😀𝄞\r\n", max_size=12)


@given(old=TEXTS, new=TEXTS)
def test_shared_ends_are_the_longest_that_do_not_overlap(old: str, new: str) -> None:
    head = shared_head(old, new)
    assert old[:head] == new[:head]
    assert head == min(len(old), len(new)) or old[head] != new[head]
    for after in (0, head):
        tail = shared_tail(old, new, after)
        assert tail == 0 or old[-tail:] == new[-tail:]
        left = min(len(old), len(new)) - after
        assert tail == left or old[len(old) - 1 - tail] != new[len(new) - 1 - tail]
