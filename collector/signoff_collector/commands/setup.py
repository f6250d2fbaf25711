"""`signoff setup`: put Signoff into editors, shells and agents; see that it works."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.commands.first_recording import is_recorded, offer_replay
from signoff_collector.health import places
from signoff_collector.health.broken_link import broken_link, settings_of
from signoff_collector.health.interface import Level, Surroundings
from signoff_collector.health.program import engines
from signoff_collector.installation.account import account_of
from signoff_collector.installation.allowing import choose_agent_words, choose_credential_stores
from signoff_collector.installation.applying import apply_changes
from signoff_collector.installation.config_files.differences import unified
from signoff_collector.installation.first_step import StepWatch
from signoff_collector.installation.interface import Change
from signoff_collector.installation.launcher import launcher_path
from signoff_collector.installation.setting_up import chosen_targets, propose
from signoff_collector.installation.targets import AGENTS, SHELLS
from signoff_collector.installation.targets.pytest_results import choose_results, without_pytest
from signoff_collector.installation.targets.vscode import our_package
from signoff_collector.installation.undo.undo_record import UndoRecord
from signoff_collector.installation.vscode.extending import extend, keep_package
from signoff_collector.own_files.home import resolve_home
from signoff_collector.programs.children import search_program
from signoff_collector.programs.fixed_programs import fix_programs
from signoff_collector.system.clock import SystemClock
from signoff_collector.system.extras import how_to_install, missing
from signoff_schemas.errors import ChildFailedError, NotFoundError, SignoffError, UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from signoff_collector.health.interface import Line
    from signoff_collector.installation.account import Account
    from signoff_collector.installation.first_step import FirstStep
    from signoff_collector.installation.interface import ExtensionInstall, Target
    from signoff_collector.installation.setting_up import Proposal
    from signoff_collector.own_files.home import Home
    from signoff_collector.screen.console import Console
    from signoff_collector.system.clock import Clock

SUMMARY = "Put Signoff into editors, shells and agents: shows each change and asks first."
EXAMPLE = "signoff setup neovim"

_PARTLY: Final = 3
_USUAL_WAIT_S: Final = 120.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument(
        "editors",
        nargs="*",
        metavar="EDITOR",
        help="neovim, helix, emacs, vim, vscode (and its forks), bash, zsh, fish, claude-code, "
        "codex, cursor; all found if none; pytest: results of tests typed in a shell",
    )
    parser.add_argument("--yes", action="store_true", help="ask nothing, make every change")
    parser.add_argument(
        "--agent-words",
        choices=("none", "text", "all"),
        help="which words of agents are recorded: none (the default), text, or transcripts too",
    )
    parser.add_argument(
        "--credential-stores",
        choices=("none", "all"),
        help="whether the files in which other tools keep credentials are read to mask them: none"
        " (the default) or all that are there, which are named",
    )
    parser.add_argument("--dry-run", action="store_true", help="show the changes and make none")
    parser.add_argument(
        "--wait",
        type=float,
        metavar="SECONDS",
        help="seconds to wait for a first recorded change; default: 120 in a terminal, else 0",
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Propose, ask, change, and wait for the first recorded change."""
    account, launcher = account_of(), launcher_path()
    home, clock = resolve_home(), SystemClock()
    names, is_pytest = without_pytest(arguments.editors)
    if is_pytest and not names:
        choose_results(home, arguments, console, is_named=True, has_new_shell=False)
        return 0
    targets = chosen_targets(names)
    proposals = propose(targets, account, launcher)
    spared: tuple[Proposal, ...] = ()
    if not arguments.editors:
        here = tuple(proposal for proposal in proposals if proposal.found is not None)
        spared = tuple(proposal for proposal in here if proposal.is_not_worth_it)
        proposals = tuple(proposal for proposal in here if not proposal.is_not_worth_it)
    if not proposals and not spared:
        raise NotFoundError(
            f"none of these editors is installed: {', '.join(target.title for target in targets)}",
            hint=f"Any editor with a language client works: let it start `{launcher} lsp`.",
        )
    is_asking = not arguments.yes and not arguments.dry_run
    if is_asking and not console.is_terminal and any(p.changes for p in proposals):
        raise UsageError(
            "cannot ask: standard input is not a terminal",
            hint="Add --yes to make the changes, or --dry-run to see them.",
        )
    states = [_set_up(proposal, home, arguments, console) for proposal in proposals]
    _say_spared(spared, console)
    choose_agent_words(_has_new(AGENTS, states, proposals), home, arguments, console)
    has_new_shell = _has_new(SHELLS, states, proposals)
    choose_results(home, arguments, console, is_named=is_pytest, has_new_shell=has_new_shell)
    if {"changed", "unchanged"} & set(states):
        choose_credential_stores(home, account.user, arguments, console)
    if {"changed", "unchanged"} & set(states):
        _fix_programs(home, account, console)
        _say_disk(console)
        _say_extras(console)
    code = _PARTLY if "refused" in states or "not_found" in states else 0
    is_ready = bool({"changed", "unchanged"} & set(states)) and not arguments.dry_run
    if is_ready and arguments.wait is None:
        is_ready = is_recorded(home, clock, console, may_ask=not arguments.yes)
    _say_next(states, proposals, console)
    wait_s = _wait_s(arguments, states, proposals, console)
    if not is_ready or wait_s <= 0:
        return code
    step = _wait(home, clock, wait_s, console)
    if step is not None:
        offer_replay(step, console)
        return code
    _say_broken(broken_link(Surroundings(), settings_of(proposals, account, launcher)), console)
    return _PARTLY


def _say_spared(spared: Sequence[Proposal], console: Console) -> None:
    """Name what is here and was not proposed, with the reason and the way to add it."""
    if not spared:
        return
    console.say()
    reasons: dict[str, list[str]] = {}
    for proposal in spared:
        reason = (proposal.found and proposal.found.remark) or ""
        reasons.setdefault(reason, []).append(proposal.target.name)
    for reason, names in reasons.items():
        together = " ".join(names)
        added = f"`signoff setup {together}` adds {'it' if len(names) == 1 else 'them'}."
        console.say(f"Left out: {', '.join(names)} ({reason}). {added}")


def _has_new(
    targets: Sequence[Target], states: Sequence[str], proposals: Sequence[Proposal]
) -> bool:
    return any(
        state == "changed" and proposal.target in targets
        for state, proposal in zip(states, proposals, strict=True)
    )


def _wait_s(
    arguments: argparse.Namespace,
    states: Sequence[str],
    proposals: Sequence[Proposal],
    console: Console,
) -> float:
    """Return how long to wait for a change: not at all where no editor was set up."""
    if arguments.wait is not None:
        return float(arguments.wait)
    has_editor = any(
        state in {"changed", "unchanged"} and proposal.target not in (*AGENTS, *SHELLS)
        for state, proposal in zip(states, proposals, strict=True)
    )
    return _USUAL_WAIT_S if has_editor and console.is_terminal and not arguments.yes else 0.0


def _set_up(proposal: Proposal, home: Home, arguments: argparse.Namespace, console: Console) -> str:
    """Do one editor and return what became of it."""
    target = proposal.target
    reason: SignoffError | None = proposal.refusal
    program = proposal.found.program if proposal.found is not None else None
    console.say()
    console.say(f"{target.title}{f' ({program})' if program else ''}")
    if proposal.found is None:
        state = "not_found"
        console.say("  not found on this machine")
    elif reason is not None:
        state = "refused"
    elif not proposal.changes:
        state = "unchanged"
        console.say("  set up already")
        _say_remark(proposal, console)
    else:
        state, reason = _change(proposal, home, arguments, console)
    if reason is not None:
        console.say(f"  ✗ left as it is: {reason}")
        if reason.hint:
            console.say(f"    {reason.hint}")
    is_for_file = reason is not None and not arguments.dry_run
    package = _offer_file(proposal, home, reason, console) if is_for_file else None
    if console.is_json:
        _row(proposal, state, reason, package, console)
    return state


def _offer_file(
    proposal: Proposal, home: Home, reason: SignoffError | None, console: Console
) -> Path | None:
    """Write the extension to a file where no program of the editor could install it."""
    is_lost = isinstance(reason, ChildFailedError)
    if proposal.target.name != "vscode" or reason is None or (reason.hint and not is_lost):
        return None
    try:
        path = keep_package(home, our_package(launcher_path())[1])
    except SignoffError as error:
        console.say(f"    Nor could the extension be written to a file: {error}")
        return None
    console.say(
        f"    The extension is in {path}: in the editor's window, choose it with"
        ' "Extensions: Install from VSIX…".'
    )
    return path


def _change(
    proposal: Proposal, home: Home, arguments: argparse.Namespace, console: Console
) -> tuple[str, SignoffError | None]:
    _say_remark(proposal, console)
    for change in proposal.changes:
        _show(change, console)
    if arguments.dry_run:
        return "would_change", None
    if not arguments.yes and not console.confirm("  Make this change?"):
        console.say("  left as it is")
        return "declined", None
    try:
        _apply(proposal, home)
    except SignoffError as error:
        return "refused", error
    console.say("  done; `signoff uninstall` takes it back")
    return "changed", None


def _say_remark(proposal: Proposal, console: Console) -> None:
    if proposal.found is not None and proposal.found.remark:
        console.say(f"  ! {proposal.found.remark}")


def _show(change: Change | ExtensionInstall, console: Console) -> None:
    if isinstance(change, Change):
        for line in unified(change.path, change.before, change.after).split("\n"):
            console.say(f"  {line}")
        return
    was = f", in place of {change.before}" if change.before else ""
    console.say(f"  {change.title}: extension {change.extension} {change.version}{was}")
    console.say(f"    {change.program} --install-extension signoff.vsix --force")


def _apply(proposal: Proposal, home: Home) -> None:
    home.ensure()
    record = UndoRecord(home)
    files = [change for change in proposal.changes if isinstance(change, Change)]
    installs = [change for change in proposal.changes if not isinstance(change, Change)]
    with record.lock():
        apply_changes(record, proposal.target.name, files)
        extend(home, account_of(), installs)


def _fix_programs(home: Home, account: Account, console: Console) -> None:
    """Fix where git and OpenSSH are, so that no later PATH puts others in their place."""
    here = Path.cwd()
    avoid = () if account.user.is_relative_to(here) else (here,)
    try:
        home.ensure()
        with UndoRecord(home).lock():
            fresh = fix_programs(home, lambda name: search_program(name, avoid=avoid))
    except SignoffError as error:
        console.say(f"! Which git and OpenSSH to run could not be stored: {error}")
        return
    for program in fresh:
        console.say(f"{program.name} is {program.path} from now on, whatever PATH says later")
        if console.is_json:
            console.row({"program": program.name, "path": str(program.path)})


def _say_disk(console: Console) -> None:
    """Say before anything is kept that the home lies on something that forgets or cannot lock."""
    _say_unless_ok(places.disk(Surroundings()), console)


def _say_unless_ok(line: Line, console: Console) -> None:
    if line.level is not Level.OK:
        console.say(f"! {line.fact}")
        console.say(f"  {line.hint}")


def _say_extras(console: Console) -> None:
    """Name what an installation without extras cannot do, before anything is recorded."""
    _say_unless_ok(engines(Surroundings()), console)
    if missing("s3"):
        console.say(
            f"To send to a bucket (s3://) one more package is needed. {how_to_install('s3')}"
        )


def _row(
    proposal: Proposal,
    state: str,
    reason: SignoffError | None,
    package: Path | None,
    console: Console,
) -> None:
    console.row(
        {
            "editor": proposal.target.name,
            "state": state,
            "paths": [str(_place(change)) for change in proposal.changes],
            "precision": proposal.target.precision,
            "reason": None if reason is None else str(reason),
            "vsix": None if package is None else str(package),
        }
    )


def _place(change: Change | ExtensionInstall) -> Path:
    return change.path if isinstance(change, Change) else change.program


def _say_next(states: Sequence[str], proposals: Sequence[Proposal], console: Console) -> None:
    """Say once what to do in each program that was changed."""
    changed = [
        _next_step(proposal)
        for state, proposal in zip(states, proposals, strict=True)
        if state == "changed"
    ]
    if changed:
        console.say()
    for step in dict.fromkeys(changed):
        console.say(step)


def _next_step(proposal: Proposal) -> str:
    """Return what to do; where a plugin is missing, getting it comes first."""
    found, target = proposal.found, proposal.target
    if found is None or found.is_used or (target in SHELLS and not found.is_too_old):
        return target.next_step
    return f"{target.title}: {found.remark}. Then: {target.next_step}"


def _wait(home: Home, clock: Clock, wait_s: float, console: Console) -> FirstStep | None:
    """Wait for a first change."""
    home.ensure()
    console.say()
    console.say(f"Now type in your editor… (waiting {wait_s:.0f} s; Ctrl-C ends the wait)")
    sys.stdout.flush()
    watch = StepWatch(home, clock)
    step: FirstStep | None = None
    with contextlib.suppress(KeyboardInterrupt):
        step = watch.wait(wait_s)
    return step


def _say_broken(link: Line, console: Console) -> None:
    console.say(f"! No change was recorded: {link.fact}.")
    console.say(f"  {link.hint}")
    if console.is_json:
        console.row({"first_step": None, "broken": link.key, "fact": link.fact})
