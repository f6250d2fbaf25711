"""An episode is held only where one set of the policy holds all that its licences ask."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff_datasets.screening.licences import LicencePolicy, LicenceSet, licence_reason
from signoff_datasets.screening.policies import read_policy

PERMISSIVE = read_policy("permissive")
TWO_SETS = LicencePolicy(
    name="two",
    sha256="0" * 64,
    sets=(
        LicenceSet(licences=frozenset({"MIT", "Apache-2.0"})),
        LicenceSet(
            licences=frozenset({"MIT", "GPL-2.0-only", "LicenseRef-House"}),
            exceptions=frozenset({"Classpath-exception-2.0"}),
        ),
        LicenceSet(licences=frozenset({"EPL-2.0 WITH Classpath-exception-2.0"})),
    ),
)


@pytest.mark.parametrize(
    "expression",
    [
        "MIT",
        "mit",
        "MIT OR GPL-3.0-only",
        "GPL-3.0-only OR MIT AND Apache-2.0",
        "(GPL-3.0-only OR MIT) AND (ISC OR AGPL-3.0-only)",
        "Apache-2.0 WITH LLVM-exception",
        "Apache-2.0+",
    ],
)
def test_the_shipped_policy_holds_what_asks_for_no_more_than_a_notice(expression: str) -> None:
    assert licence_reason(PERMISSIVE, contribution=expression, repository="MIT") is None
    assert licence_reason(PERMISSIVE, contribution="MIT", repository=expression) is None


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("NOASSERTION", "licence-unnamed"),
        ("NONE", "licence-unreadable"),
        ("MIT AND NOASSERTION", "licence-unreadable"),
        ("MIT OR Nobody-1.0", "licence-unreadable"),
        ("MIT WITH MIT", "licence-unreadable"),
        ("(MIT", "licence-unreadable"),
        ("MIT AND" + " MIT AND" * 30 + " MIT", "licence-unreadable"),
        ("GPL-3.0-only", "licence-not-allowed"),
        ("MIT AND GPL-3.0-only", "licence-not-allowed"),
        ("GPL-3.0-only OR MIT AND AGPL-3.0-only", "licence-not-allowed"),
        ("(GPL-3.0-only OR MIT) AND AGPL-3.0-only", "licence-not-allowed"),
        ("Apache-2.0 WITH Classpath-exception-2.0", "licence-not-allowed"),
        ("LicenseRef-House", "licence-not-allowed"),
        ("CC-BY-NC-4.0", "licence-not-allowed"),
        ("CC-BY-NC-4.0+", "licence-not-allowed"),
    ],
)
def test_the_shipped_policy_leaves_out_with_a_reason(expression: str, reason: str) -> None:
    assert licence_reason(PERMISSIVE, contribution=expression, repository="MIT") == reason
    told = licence_reason(PERMISSIVE, contribution="MIT", repository=expression)
    assert told == f"repository-{reason}"


def test_what_two_licences_ask_together_has_to_lie_in_one_set() -> None:
    def reason(contribution: str, repository: str) -> str | None:
        return licence_reason(TWO_SETS, contribution=contribution, repository=repository)

    assert reason("MIT", "GPL-2.0-only") is None
    assert reason("Apache-2.0", "MIT") is None
    assert reason("Apache-2.0", "GPL-2.0-only") == "licences-not-together"
    assert reason("Apache-2.0 OR MIT", "GPL-2.0-only") is None
    assert reason("Apache-2.0 AND MIT", "GPL-2.0-only") == "licences-not-together"


def test_an_exception_has_to_be_named_with_its_licence_or_for_its_set() -> None:
    def reason(expression: str) -> str | None:
        return licence_reason(TWO_SETS, contribution=expression, repository=expression)

    assert reason("GPL-2.0-only WITH Classpath-exception-2.0") is None
    assert reason("EPL-2.0 WITH Classpath-exception-2.0") is None
    assert reason("EPL-2.0") == "licence-not-allowed"
    assert reason("Apache-2.0 WITH Classpath-exception-2.0") == "licence-not-allowed"
    assert reason("LicenseRef-House") is None


@pytest.mark.parametrize("side", ["contribution", "repository"])
def test_a_policy_may_hold_what_has_no_licence_on_the_words_of_the_sign_off(side: str) -> None:
    lenient = LicencePolicy(
        name="lenient",
        sha256="0" * 64,
        sets=PERMISSIVE.sets,
        unnamed_contribution=side == "contribution",
        unnamed_repository=side == "repository",
    )
    named = {"contribution": "MIT", "repository": "MIT"}
    assert licence_reason(lenient, **named | {side: "NOASSERTION"}) is None
    other = {"contribution": "repository", "repository": "contribution"}[side]
    assert str(licence_reason(lenient, **named | {other: "NOASSERTION"})).endswith("unnamed")
    assert str(licence_reason(lenient, **named | {side: "GPL-3.0-only"})).endswith("not-allowed")


LEAVES = st.sampled_from(["MIT", "ISC", "GPL-3.0-only", "AGPL-3.0-only"])
TREES = st.recursive(
    LEAVES, lambda inner: st.tuples(st.sampled_from(["AND", "OR"]), inner, inner), max_leaves=9
)
Tree = str | tuple[str, "Tree", "Tree"]


def written(tree: Tree) -> str:
    if isinstance(tree, str):
        return tree
    return f"({written(tree[1])} {tree[0]} {written(tree[2])})"


def holds(tree: Tree) -> bool:
    """Say it by the meaning of the words, on a tree that was never text."""
    if isinstance(tree, str):
        return tree in {"MIT", "ISC"}
    both = holds(tree[1]), holds(tree[2])
    return all(both) if tree[0] == "AND" else any(both)


@given(TREES)
def test_any_expression_is_judged_by_what_and_and_or_mean(tree: Tree) -> None:
    expression = written(tree)
    if len(expression) <= 200:
        reason = licence_reason(PERMISSIVE, contribution=expression, repository="MIT")
        assert reason == (None if holds(tree) else "licence-not-allowed")


@given(st.text(st.sampled_from("MIT()ANDORWITH +.-\n\x00\U0001f98a\U00010348"), max_size=210))
def test_no_text_is_an_error_and_no_reason_repeats_it(text: str) -> None:
    reason = licence_reason(PERMISSIVE, contribution=text, repository="MIT")
    assert reason is None or (reason.startswith("licence") and len(reason) < 30)
