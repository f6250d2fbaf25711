"""`signoff review`: look at everything, include, cut, mask; ends in a sign-off or not."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_schemas.errors import RefusedError, UsageError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from signoff_collector.own_files.home import Home
    from signoff_collector.review.checking.groups import Group
    from signoff_collector.review.desk.storing import SharedFile
    from signoff_collector.screen.console import Console

SUMMARY: Final = "Review what was recorded: include, cut and mask what may be shared."
EXAMPLE: Final = "signoff review last"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument(
        "episode",
        metavar="EPISODE",
        nargs="?",
        default=None,
        help="a path or an id prefix; else the last one sealed, or the one the plan is for",
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--terminal", action="store_true", help="in this terminal, not on a page in your browser"
    )
    how.add_argument(
        "--no-browser",
        action="store_true",
        help="print the file that opens the page; start no browser",
    )
    how.add_argument("--plan", metavar="FILE", help="apply a plan file, without asking")
    parser.add_argument(
        "--leave-open",
        metavar="N",
        type=int,
        default=0,
        help="with --plan: let this many undecided groups be shared as they are",
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Review one episode."""
    from signoff_collector.own_files.home import resolve_home

    home = resolve_home().ensure()
    if arguments.plan is not None:
        return _follow_plan(home, arguments, console)
    if arguments.no_browser:
        return _serve(home, arguments, console)
    if not console.is_terminal:
        raise RefusedError(
            "a review asks questions: standard input is not a terminal",
            hint="`signoff review EPISODE --plan FILE` follows a plan file.",
        )
    if not arguments.terminal and not _turns_to_terminal(console):
        return _serve(home, arguments, console)
    return _at_terminal(home, arguments, console)


def _turns_to_terminal(console: Console) -> bool:
    """Say whether the review is to be in the terminal, since no page can be opened here.

    Raises:
        RefusedError: it cannot be opened, and the person does not want the terminal.
    """
    from signoff_collector.review.serving.opening import no_display

    reason = no_display()
    if reason is None:
        return False
    console.say(f"{reason}; `signoff review --no-browser` says which file opens the page elsewhere")
    if console.confirm("Review in this terminal instead?", default=True):
        return True
    raise RefusedError(
        f"no page was opened: {reason}",
        hint="`signoff review --terminal` reviews here; `--no-browser` says which file to open.",
    )


def _serve(home: Home, arguments: argparse.Namespace, console: Console) -> int:
    from signoff_collector.commands.hub_terms import asker
    from signoff_collector.review.serving.session import serve_review

    return serve_review(
        home,
        arguments.episode or "last",
        console,
        opens_browser=not arguments.no_browser,
        ask_hub=asker(home),
    )


def _at_terminal(home: Home, arguments: argparse.Namespace, console: Console) -> int:
    from signoff_collector.commands.hub_terms import asker
    from signoff_collector.review.desk.storing import find_base
    from signoff_collector.review.screens.entry import run_review

    with console.counting("Opening the review"):
        base = find_base(home, arguments.episode or "last")
    return run_review(home, base, console, ask_hub=asker(home))


def _follow_plan(home: Home, arguments: argparse.Namespace, console: Console) -> int:
    from signoff_collector.own_files.private_files import read_regular
    from signoff_collector.review.applying.previews import Previews
    from signoff_collector.review.base_tree.cached_tree import base_tree
    from signoff_collector.review.checking.naming import check_named
    from signoff_collector.review.checking.open_groups import open_groups
    from signoff_collector.review.desk.storing import find_base, find_planned, store_shared
    from signoff_collector.review.final.recording import record_review
    from signoff_collector.review.plan.mask_places import check_masks
    from signoff_schemas.plan import PLAN_MAX_BYTES, parse_plan

    plan = parse_plan(read_regular(Path(arguments.plan), max_bytes=PLAN_MAX_BYTES))
    name: str | None = arguments.episode
    base = find_planned(home, plan) if name is None else find_base(home, name)
    if base.sha256 != plan.base_sha256:
        raise UsageError(
            f"the plan is for episode {plan.base_sha256[:16]}, not for {base.sha256[:16]}",
            hint="Review that episode, or make a plan for this one.",
        )
    if not plan.keeps:
        raise UsageError("the plan includes nothing", hint='Name a task: "keeps": [{"task": 0}]')
    check_named(home, plan)
    previews = Previews(base.episode, read_tree=lambda: base_tree(home, base))
    check_masks(plan, previews.base)
    made = [previews.of(plan, place).data for place in range(len(plan.keeps))]
    _refuse_open(open_groups(home, plan, previews.base), arguments.leave_open, console)
    for place, data in enumerate(made):
        shared = store_shared(home, plan, data)
        record_review(home, base, plan, shared, mode="plan", place=place)
        _report(console, shared)
    return 0


def _refuse_open(groups: Sequence[Group], leave_open: int, console: Console) -> None:
    """Refuse what the page and the terminal refuse too; every group is named.

    Raises:
        RefusedError: more is undecided than was said to be left open.
    """
    from signoff_collector.review.checking.check_lines import group_line

    for group in groups:
        console.note(f"left open: {group_line(group).splitlines()[0]}")
    if len(groups) > leave_open:
        raise RefusedError(
            f"the plan leaves {len(groups)} groups to check undecided; they would be shared as"
            " they are",
            hint="Decide them in `signoff review`, or allow it with --leave-open"
            f" {len(groups)}; nothing was written.",
        )


def _report(console: Console, shared: SharedFile) -> None:
    header = shared.episode.header
    console.say(f"reviewed  {shared.path}")
    console.say(f"          sha256 {shared.sha256}, {shared.size_bytes} bytes")
    console.say(f"          {header.steps} steps, {len(shared.episode.files)} files")
    if console.is_json:
        console.row(
            {
                "episode": str(shared.path.absolute()),
                "plan": str(shared.path.with_suffix(".plan.json").absolute()),
                "sha256": shared.sha256,
                "size_bytes": shared.size_bytes,
                "steps": header.steps,
                "edits": header.edits,
                "files": len(shared.episode.files),
                "redaction": dict(header.redaction),
            }
        )
