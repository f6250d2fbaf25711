"""Whether secrets leak: working sessions made at random, sealed, and searched.

    .venv/bin/python benchmarks/redaction.py [--sessions N] [--seed S] [--setting NAME]
    .venv/bin/python benchmarks/redaction.py --seed S --setting NAME --session N   # one, shown
    .venv/bin/python benchmarks/redaction.py --rules FILE [--setting NAME] [--sessions N]
        [--seed S --session N]   # one of these, shown
    .venv/bin/python benchmarks/redaction.py --gate   # what `make e2e-redaction` runs

Every run has a fresh seed, which is printed. The sessions are made by `typing_sessions`; what
counts as a leak says `typing_sessions/leak_search.py`, the settings `typing_sessions/session.py`.

The gate has two parts, neither with a limit on time. Sessions of a fixed seed have to meet the
bars; they are the same in every run. Fewer of a fresh seed are shown, and fail only by what
no chance explains: a known value that leaks, a replay error, twins that differ, or a share of
leaks far above that of any run so far.
"""

from __future__ import annotations

import argparse
import os
import secrets as fresh
import statistics
import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from typing_sessions.day import seconds_for_a_day
from typing_sessions.rule_files import read_rules, wilson
from typing_sessions.sealed_files import try_on_disk
from typing_sessions.secret_kinds import KINDS, Kind
from typing_sessions.session import SETTINGS, Session, Setting, make_session
from typing_sessions.trial import Outcome, try_session
from typing_sessions.twins import differing_twins

BARS: Final[dict[str, float]] = {"known": 0.0, "unknown": 0.005, "left_out": 0.10}
"""Share of sessions that may leak."""
FRESH: Final[dict[str, float]] = {"known": 0.0, "unknown": 0.20, "left_out": 0.35}
"""The same for a small run: with 1 leak in 50, more than 4 of 20 come once in 10,000 runs."""
FIXED_SEED: Final = 101
FIXED_SESSIONS: Final[dict[str, int]] = {"known": 100, "unknown": 200, "left_out": 60}
FRESH_SESSIONS: Final[dict[str, int]] = {"known": 20, "unknown": 20, "left_out": 20}
MS_PER_EDIT: Final = 0.3
DAY_S: Final = 60.0
ON_DISK: Final = 6
TWINS: Final = 8
SHOWN: Final = 12


def run_setting(setting: Setting, seed: int, numbers: Sequence[int]) -> list[Outcome]:
    """Try the sessions of a setting and say which of them leak."""
    outcomes: list[Outcome] = []
    for number in numbers:
        session = make_session(setting, seed, number)
        outcome = try_session(session)
        outcomes.append(outcome)
        if outcome.leaks or outcome.replay_errors or outcome.is_refused:
            print(f"  {setting} {number}: {told(session, outcome)}")
    return outcomes


def told(session: Session, outcome: Outcome) -> str:
    """Return in a few words what is wrong with an outcome."""
    kinds = ", ".join(dict.fromkeys(secret.kind for secret in session.secrets))
    if outcome.is_refused:
        return f"{kinds}: refused"
    places = Counter(leak.place for leak in outcome.leaks)
    first = ", ".join(list(places)[:2])
    return f"{kinds}: {outcome.replay_errors} replay errors, {len(places)} places ({first})"


def show_session(setting: Setting, seed: int, number: int, kinds: Sequence[Kind]) -> None:
    """Print what was done in one session, and where it leaks."""
    session = make_session(setting, seed, number, kinds=kinds)
    print("\n".join(session.story))
    outcome = try_session(session)
    print(told(session, outcome))
    for leak in outcome.leaks[:SHOWN]:
        print(f"  {leak.place}: {', '.join(leak.windows[:SHOWN])}")


def row(setting: Setting, outcomes: Sequence[Outcome]) -> str:
    """Return a line of the table."""
    leaking = sum(bool(outcome.leaks) for outcome in outcomes)
    refused = sum(outcome.is_refused for outcome in outcomes)
    errors = sum(outcome.replay_errors for outcome in outcomes)
    done = [outcome for outcome in outcomes if outcome.edits and not outcome.is_refused]
    per_edit = statistics.median(1000 * outcome.redact_s / outcome.edits for outcome in done)
    chars = sum(outcome.chars for outcome in done) or 1
    needless = 100 * sum(outcome.needless for outcome in done) / chars
    return (
        f"| {setting} | {len(outcomes)} | {leaking} | {refused} | {errors} | {needless:.1f} % |"
        f" {per_edit:.2f} ms | {sum(outcome.edits for outcome in done)} |"
    )


def missed(setting: Setting, outcomes: Sequence[Outcome], bars: dict[str, float]) -> list[str]:
    """Return which bars a setting misses."""
    leaking = sum(bool(outcome.leaks) for outcome in outcomes)
    found: list[str] = []
    if setting in bars and leaking > bars[setting] * len(outcomes):
        found.append(f"{setting}: {leaking} of {len(outcomes)} leak")
    if any(outcome.replay_errors for outcome in outcomes):
        found.append(f"{setting}: replay errors")
    return found


def main() -> int:
    """Print the table; exit 1 when a bar is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sessions", type=int, default=200)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--setting", choices=SETTINGS, default=None)
    parser.add_argument("--session", type=int, default=None)
    parser.add_argument("--gate", action="store_true")
    parser.add_argument("--rules", type=Path, default=None)
    given = parser.parse_args()
    seed = fresh.randbelow(10**9) if given.seed is None else given.seed
    print(f"redaction: seed {seed}, load {os.getloadavg()[0]:.1f}", flush=True)
    kinds = KINDS if given.rules is None else tuple(read_rules(given.rules))
    usual: Setting = "known" if given.rules is None else "unknown"
    if given.session is not None:
        show_session(given.setting or usual, seed, given.session, kinds)
        return 0
    if given.rules is not None:
        by_class(kinds, given.setting or usual, seed, given.sessions)
        return 0
    wrong = gate(seed) if given.gate else evaluate(seed, given.setting, given.sessions)
    print("\n".join(f"MISSED {one}" for one in wrong) or "all bars met")
    return 1 if wrong else 0


def gate(seed: int) -> list[str]:
    """Run the lane; return what is wrong."""
    print(f"fixed seed {FIXED_SEED}")
    wrong = run_table(FIXED_SEED, FIXED_SESSIONS, BARS) + twins(FIXED_SEED)
    print(f"fresh seed {seed}")
    wrong += run_table(seed, FRESH_SESSIONS, FRESH)
    return wrong + from_files(seed) + twins(seed)


def evaluate(seed: int, setting: Setting | None, count: int) -> list[str]:
    """Run all settings, or one, in full; return which bars are missed."""
    if setting is not None:
        return run_table(seed, {setting: count}, BARS)
    wrong = run_table(seed, dict.fromkeys(SETTINGS, count), BARS)
    wrong += from_files(seed) + twins(seed)
    took = seconds_for_a_day(seed)
    print(f"a day of 50,000 edits: {took:.1f} s of CPU, target {DAY_S:.0f}")
    return [*wrong, "a day takes too long"] if took > DAY_S else wrong


def run_table(seed: int, counts: Mapping[str, int], bars: dict[str, float]) -> list[str]:
    """Try sessions of some settings and print the table; return which bars are missed."""
    wrong: list[str] = []
    table: list[str] = []
    for setting in (one for one in SETTINGS if one in counts):
        began = time.perf_counter()
        outcomes = run_setting(setting, seed, range(counts[setting]))
        table.append(row(setting, outcomes))
        wrong += missed(setting, outcomes, bars)
        print(f"  {setting}: {time.perf_counter() - began:.0f} s", flush=True)
    print("| setting | sessions | leaking | refused | replay errors | masked needlessly |"
          " per edit | edits |\n|---|---|---|---|---|---|---|---|")  # fmt: skip
    print("\n".join(table), flush=True)
    return wrong


def by_class(kinds: Sequence[Kind], setting: Setting, seed: int, count: int) -> None:
    """Try sessions with secrets of these kinds; print by class what is left of them."""
    tried: Counter[str] = Counter()
    left: Counter[str] = Counter()
    unasked: Counter[str] = Counter()
    chars = needless = refused = 0
    for number in range(count):
        session = make_session(setting, seed, number, kinds=kinds)
        outcome = try_session(session)
        seen = {window for leak in outcome.leaks for window in leak.windows}
        for secret in session.secrets:
            for name in (secret.family, "all"):
                tried[name] += 1
                left[name] += bool(seen & secret.windows())
                unasked[name] += bool(outcome.unasked & secret.windows())
        chars, needless = chars + outcome.chars, needless + outcome.needless
        refused += outcome.is_refused
        if outcome.leaks or outcome.replay_errors or outcome.is_refused:
            print(f"  {setting} {number}: {told(session, outcome)}", flush=True)
    print(f"{len(kinds)} kinds, {count} sessions, {refused} refused;"
          f" masked needlessly {100 * needless / max(1, chars):.1f} %")  # fmt: skip
    print("| class | secrets | 6 characters left | 95 % bounds | neither masked nor asked"
          " | 95 % bounds |\n|---|---|---|---|---|---|")  # fmt: skip
    for name in sorted(tried, key=lambda one: (one == "all", one)):
        cells = [f"{bad[name]} | {told_bounds(bad[name], tried[name])}" for bad in (left, unasked)]
        print(f"| {name} | {tried[name]} | {' | '.join(cells)} |")


def told_bounds(bad: int, total: int) -> str:
    """Return the bounds of a share in percent."""
    low, high = wilson(bad, total)
    return f"{100 * low:.1f} to {100 * high:.1f} %"


def from_files(seed: int) -> list[str]:
    """Seal some sessions from files; return what is wrong with them."""
    outcomes = [try_on_disk("known", seed, number) for number in range(ON_DISK)]
    for number, outcome in enumerate(outcomes):
        if outcome.leaks or outcome.replay_errors:
            print(f"  from files {number}: {told(make_session('known', seed, number), outcome)}")
    leaking = sum(bool(outcome.leaks) for outcome in outcomes)
    errors = sum(outcome.replay_errors for outcome in outcomes)
    refused = sum(outcome.is_refused for outcome in outcomes)
    print(f"from files: {len(outcomes)} sessions, {leaking} leaking, {refused} refused,"
          f" {errors} replay errors")  # fmt: skip
    return ["sessions from files"] if leaking or errors else []


def twins(seed: int) -> list[str]:
    """Seal pairs that differ in a secret alone; return what is wrong when any files do."""
    unlike = differing_twins(seed, TWINS)
    print(f"twins: {len(unlike)} of {TWINS} pairs differ")
    print("".join(f"  {one}\n" for one in unlike), end="")
    return ["twins differ"] if unlike else []


if __name__ == "__main__":
    sys.exit(main())
