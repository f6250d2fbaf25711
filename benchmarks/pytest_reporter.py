"""What the reporter adds to 5,000 trivial pytest tests.

    .venv/bin/python benchmarks/pytest_reporter.py

Each round runs pytest with and without the reporter, in turn and in changing order, and compares
the CPU time (user and system) of the two processes: on a shared machine wall time says little.
The figures are the ratio of the least times of both sides, which other work disturbs least, and the
median of the rounds' ratios with the smallest and largest. `--both-plain` runs pytest without the
reporter twice and shows what the method itself is worth.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from signoff_collector.capture.test_results.test_reports import ReportFolder

FILES = 50
TESTS_PER_FILE = 100
ROUNDS = 15
COMMAND = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")


def make_tests(folder: Path) -> None:
    """Write the tests."""
    body = "".join(f"def test_{number}():\n    pass\n" for number in range(TESTS_PER_FILE))
    for number in range(FILES):
        (folder / f"test_part{number}.py").write_text(body)


def cpu_s(folder: Path, environ: dict[str, str]) -> float:
    """Run the tests once and return the CPU seconds of that process."""
    with Path(os.devnull).open("wb") as nothing:
        child = subprocess.Popen(COMMAND, cwd=folder, env=environ, stdout=nothing)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise SystemExit(f"pytest ended with {child.returncode}")
    return usage.ru_utime + usage.ru_stime


def main(arguments: list[str]) -> None:
    """Measure and print."""
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made, "tests")
        folder.mkdir()
        make_tests(folder)
        plain = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
        cpu_s(folder, plain)
        pairs: list[tuple[float, float]] = []
        for number in range(ROUNDS):
            reports = ReportFolder.create(Path(made))
            lent = plain if "--both-plain" in arguments else reports.environment(plain, COMMAND)
            if number % 2:
                first = cpu_s(folder, plain)
                pairs.append((first, cpu_s(folder, lent)))
            else:
                first = cpu_s(folder, lent)
                pairs.append((cpu_s(folder, plain), first))
            if lent is not plain:
                (run,) = reports.read()
                if len(list(run.fields["cases"])) != FILES * TESTS_PER_FILE:  # type: ignore[call-overload]  # a list
                    raise SystemExit("the reporter did not report every test")
            reports.remove()
    ratios = sorted(with_it / without for without, with_it in pairs)
    without, with_it = (statistics.median(side) for side in zip(*pairs, strict=True))
    print(f"{FILES * TESTS_PER_FILE} tests, {ROUNDS} rounds, CPU of the pytest process")
    print(f"without: median {without:.3f} s; with: median {with_it:.3f} s")
    least = min(pair[0] for pair in pairs), min(pair[1] for pair in pairs)
    print(f"least: {least[0]:.3f} s and {least[1]:.3f} s, ratio {least[1] / least[0]:.4f}")
    print(f"ratio: median {statistics.median(ratios):.4f} ({ratios[0]:.4f} to {ratios[-1]:.4f})")


if __name__ == "__main__":
    main(sys.argv[1:])
