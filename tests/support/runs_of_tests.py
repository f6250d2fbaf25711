"""Test runs for made episodes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_schemas.steps import TestsStep

if TYPE_CHECKING:
    from tests.support.typist import Typist


def run_tests(typist: Typist, outcomes: dict[str, str], **fields: object) -> int:
    """Append a pytest run with an outcome per test; return its `seq`."""
    is_red = bool({"failed", "error"} & set(outcomes.values()))
    cases = tuple(
        {
            "id": name,
            "outcome": outcome,
            **({"message": f"E   {name} is wrong"} if outcome == "failed" else {}),
        }
        for name, outcome in outcomes.items()
    )
    known: dict[str, object] = {
        "run_id": f"r{typist.seq}",
        "framework": "pytest",
        "argv": ("pytest",),
        "exit_code": int(is_red),
        "cases": cases,
    }
    return typist.add(TestsStep, **{**known, **fields}).seq
