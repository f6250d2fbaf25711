"""What git prints about a stranger's repository is read without trust."""

from __future__ import annotations

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from signoff_collector.capture.git.git_facts import parse_commit, parse_status
from signoff_collector.capture.test_results.test_reports import OUTCOMES, case
from signoff_schemas.values import TestCase

ROOT = Path("/work-tree")
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


def test_a_status_is_counted_by_kind() -> None:
    ids = "a" * 40 + " " + "b" * 40
    entries = [
        f"1 M. N... 100644 100644 100644 {ids} staged 🎉.py",
        f"1 .M N... 100644 100644 100644 {ids} two words 𝄞.py",
        f"1 MM N... 100644 100644 100644 {ids} both.py",
        f"u UU N... 100644 100644 100644 100644 {ids} {'c' * 40} torn.py",
        "? new.py",
    ]
    found = parse_status("".join(f"{entry}\0" for entry in entries).encode(), ROOT)
    assert found.counts == {"staged": 2, "unstaged": 2, "untracked": 1, "conflicted": 1}
    names = [path.name for path in found.tracked_paths]
    assert names == ["staged 🎉.py", "two words 𝄞.py", "both.py", "torn.py"]


def test_a_commit_in_another_encoding_is_read() -> None:
    head = b"tree " + b"a" * 40 + b"\nparent " + b"b" * 40 + b"\nencoding latin-1\n"
    found = parse_commit(head + "\nnaïve\n".encode("latin-1"))
    assert (found.tree, found.parents, found.message) == ("a" * 40, ("b" * 40,), "naïve")


@given(st.binary(max_size=300))
def test_any_bytes_give_a_status_and_a_commit(content: bytes) -> None:
    parse_status(content, ROOT)
    parse_status(content.replace(b"a", b"\0001 M. "), ROOT)
    assert isinstance(parse_commit(content).message, str)
    parse_commit(b"encoding " + content + b"\n\n" + content)


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "id": JSON,
            "outcome": st.sampled_from(sorted(OUTCOMES)) | JSON,
            "duration_ns": JSON,
            "message": JSON,
            "frame": JSON | st.fixed_dictionaries({"path": JSON, "line": JSON}),
        },
    )
)
def test_any_claimed_case_is_one_of_the_schema_or_dropped(record: dict[str, object]) -> None:
    found = case(record)
    if found is not None:
        TestCase.model_validate(found)
