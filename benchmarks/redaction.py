"""Whether secrets leak: working sessions made at random, sealed, and searched.

    .venv/bin/python benchmarks/redaction.py [--sessions N] [--seed S] [--setting NAME]
    .venv/bin/python benchmarks/redaction.py --seed S --setting NAME --session N   # one, shown

Every run has a fresh seed, which is printed. The sessions are made by `typing_sessions`; what
counts as a leak says `typing_sessions/leak_search.py`, the settings `typing_sessions/session.py`.
"""

from __future__ import annotations

import argparse
import secrets as fresh
import statistics
import sys
import time
from collections import Counter

from typing_sessions.session import SETTINGS, Setting, make_session
from typing_sessions.trial import Outcome, try_session


def run_setting(setting: Setting, seed: int, count: int) -> list[Outcome]:
    """Try so many sessions of a setting and say which of them leak."""
    outcomes: list[Outcome] = []
    for number in range(count):
        session = make_session(setting, seed, number)
        outcome = try_session(session)
        outcomes.append(outcome)
        if outcome.leaks or outcome.replay_errors or outcome.is_refused:
            kinds = ", ".join(dict.fromkeys(secret.kind for secret in session.secrets))
            print(f"  {setting} {number}: {kinds}; {told(outcome)}; {session.story}")
    return outcomes


def told(outcome: Outcome) -> str:
    """Return in a few words what is wrong with an outcome."""
    if outcome.is_refused:
        return "refused"
    places = Counter(leak.place for leak in outcome.leaks)
    first = outcome.leaks[0].windows[:3] if outcome.leaks else ()
    return f"{outcome.replay_errors} replay errors, {len(places)} places {list(places)[:3]} {first}"


def row(setting: Setting, outcomes: list[Outcome]) -> str:
    """Return a line of the table."""
    leaking = sum(bool(outcome.leaks) for outcome in outcomes)
    refused = sum(outcome.is_refused for outcome in outcomes)
    errors = sum(outcome.replay_errors for outcome in outcomes)
    done = [outcome for outcome in outcomes if outcome.edits and not outcome.is_refused]
    per_edit = [1000 * outcome.redact_s / outcome.edits for outcome in done]
    chars = sum(outcome.chars for outcome in done) or 1
    needless = 100 * sum(outcome.needless for outcome in done) / chars
    return (
        f"| {setting} | {len(outcomes)} | {leaking} | {refused} | {errors} | {needless:.2f} % |"
        f" {statistics.median(per_edit):.2f} ms | {sum(outcome.edits for outcome in done)} |"
    )


def main() -> int:
    """Print the table; exit 1 when a bar is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--sessions", type=int, default=200)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--setting", choices=SETTINGS, default=None)
    parser.add_argument("--session", type=int, default=None)
    given = parser.parse_args()
    seed = fresh.randbelow(10**9) if given.seed is None else given.seed
    print(f"redaction: seed {seed}")
    settings: list[Setting] = list(SETTINGS) if given.setting is None else [given.setting]
    table: list[str] = []
    for setting in settings:
        began = time.perf_counter()
        outcomes = run_setting(setting, seed, given.sessions)
        table.append(row(setting, outcomes))
        print(f"  {setting}: {time.perf_counter() - began:.0f} s", flush=True)
    print("| setting | sessions | leaking | refused | replay errors | masked needlessly |"
          " per edit | edits |")  # fmt: skip
    print("\n".join(table))
    return 0


if __name__ == "__main__":
    sys.exit(main())
