"""The words of a task may quote what was there, never what its patch adds."""

from __future__ import annotations

import pytest

from signoff_datasets.exports.swebench.leaks import telling_line

PATCH = """diff --git a/shop.py b/shop.py
--- a/shop.py
+++ b/shop.py
@@ -1,3 +1,3 @@
 def total(prices, discount=0):
-    return sum(prices) + discount
+    return sum(prices) - discount
+    # 😀𝄞 checked
+x = 1
"""


@pytest.mark.parametrize(
    ("statement", "line"),
    [
        ("Totals are wrong 😀𝄞", None),
        ("use `return sum(prices) - discount` there", 7),
        ("use return   sum( prices )\n  - discount", 7),
        ("it says return sum(prices) + discount, which is wrong", None),
        ("def total(prices, discount=0): is wrong", None),
        ("see # 😀𝄞 checked", None),
        ("put x = 1", None),
    ],
)
def test_a_statement_that_holds_an_added_line_tells(statement: str, line: int | None) -> None:
    assert telling_line(statement, PATCH) == line


def test_a_line_that_was_only_moved_may_be_quoted() -> None:
    rows = ("-    the_same_line_as_before()", "+the_same_line_as_before()", "")
    patch = "--- a/a\n+++ b/a\n@@ -1 +1 @@\n" + "\n".join(rows)
    assert telling_line("look at the_same_line_as_before()", patch) is None
