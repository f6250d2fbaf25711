"""`signoff enable`: ask for recording in one folder, after saying what that means."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_collector.capture.opt_in.workspaces import LASTS_DAYS, Workspaces
from signoff_collector.health.interface import Level, Surroundings
from signoff_collector.health.program import engines
from signoff_collector.health.standing import NEVER, rfc3339
from signoff_collector.own_files.home import resolve_home
from signoff_collector.seal.upkeep import keep_up
from signoff_collector.system.clock import SystemClock
from signoff_collector.workspaces.enabled_list import ASKER
from signoff_schemas.errors import RefusedError, UsageError
from signoff_schemas.words import Owner

if TYPE_CHECKING:
    import argparse

    from signoff_collector.capture.opt_in.workspaces import Workspace
    from signoff_collector.own_files.home import Home
    from signoff_collector.screen.console import Console

SUMMARY = "Record in this folder: private, on this machine, for 30 days."
EXAMPLE = "signoff enable ~/projects/parser --owner open-source"

_WHAT: Final = """\
What is recorded, once an editor, shell or agent is set up:
  edits, opening, saving, what was in view; git operations; commands and tests, with their
  output, that you run with `signoff run`, in a shell or in an editor that reports its
  terminals; what agents call and write; tasks and notes you write.\
"""
_NOT: Final = f"""\
What never is:
  {NEVER[0]};
  {NEVER[1]}; {NEVER[2]};
  {NEVER[3]};
  anything outside this folder.\
"""
_LEAVES: Final = "Nothing leaves this machine unless you review a task and sign it."
_BRIEF: Final = (
    (
        f"Recorded for {LASTS_DAYS} days",
        "edits, what was in view, commands, tests and git in this folder.",
    ),
    ("Never", "files that hold secrets by trade, what git ignores, anything outside."),
    (
        "It stays",
        "on this machine, readable by you alone. Nothing leaves unless you review a task and "
        "sign it.",
    ),
)
"""The same in three lines, for a dialogue that shows the rest on request."""
_SIZE: Final = """\
  A day of work is about 2 to 20 MB (0.4 kB an edit); raw history is deleted after 14 days.
  A sealed episode of such a day takes about 1 MB."""
_OWNERS: Final = {
    Owner.MINE: "mine",
    Owner.OPEN_SOURCE: "open source",
    Owner.EMPLOYER: "an employer's: it stays on this machine",
    Owner.UNKNOWN: "not known: it stays on this machine",
}


_WHOSE: Final = "Whose code is it? It decides only whether it can be uploaded."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("path", nargs="?", default=".", metavar="DIR", help="folder or single file")
    parser.add_argument(
        "--yes", action="store_true", help="ask nothing; stored and shown as not confirmed"
    )
    parser.add_argument(
        "--owner", choices=[owner.value for owner in Owner], help="whose code it is"
    )
    how = parser.add_mutually_exclusive_group()
    how.add_argument(
        "--explain", action="store_true", help="show what would be recorded, and change nothing"
    )
    how.add_argument(
        "--asked-in",
        metavar="EDITOR",
        help="for editors: a person said yes in that editor; stored and shown as its claim",
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Explain, ask, store the opt-in."""
    home, clock = resolve_home(), SystemClock()
    path = Path(arguments.path)
    workspaces = Workspaces(home, clock)
    workspaces.refuse_unfit(path)
    asked_in: str | None = arguments.asked_in
    if asked_in is not None and not ASKER.fullmatch(asked_in):
        raise UsageError(f"not the name of an editor: {asked_in!r}", hint="--asked-in vscode")
    if arguments.explain and console.is_json:
        console.row(_words(home, path, workspaces.said_owner(path)))
        return 0
    _explain(home, path, console)
    if arguments.explain:
        return 0
    is_confirmed = not arguments.yes and asked_in is None
    if is_confirmed and not console.is_terminal:
        raise UsageError(
            "cannot ask: standard input is not a terminal",
            hint="Run it in a terminal, or add --yes; it is then shown as not confirmed.",
        )
    said = workspaces.said_owner(path)
    owner = _owner(arguments, said, console)
    if is_confirmed and not console.confirm(f"Record in {path.resolve()}?"):
        raise RefusedError("not enabled: the answer was no")
    workspace = workspaces.enable(path, owner=owner, is_confirmed=is_confirmed, asked_in=asked_in)
    _report(home, workspace, console, workspaces.sharing_owner(path), was=said)
    keep_up(home, clock)
    return 0


def _explain(home: Home, path: Path, console: Console) -> None:
    console.say(f"Signoff would record your work in {path.resolve()}.")
    console.say_lines(f"{_WHAT}\n{_NOT}\n{_LEAVES}")
    console.say("Where:")
    console.say(f"  {_where(home)}")
    console.say_lines(_SIZE)
    for line in _not_sealed():
        console.say(f"! {line}")


def _not_sealed() -> tuple[str, ...]:
    """Return in one sentence that nothing can be sealed on this installation, if that is so."""
    line = engines(Surroundings())
    return () if line.level is Level.OK else (f"{line.sentence} {line.hint}",)


def _where(home: Home) -> str:
    return f"{home.root}, readable by you alone."


def _words(home: Home, path: Path, owner: Owner | None) -> dict[str, object]:
    """Return the same words for an editor that asks in a dialogue of its own."""
    real = path.resolve()
    return {
        "workspace": str(real),
        "notice": f"Signoff would record your work in {real}.",
        "what": _WHAT,
        "never": _NOT,
        "leaves": _LEAVES,
        "where": _where(home),
        "size": "\n".join(line.strip() for line in _SIZE.splitlines()),
        "brief": [
            {"head": head, "text": text}
            for head, text in (*_BRIEF, *(("Not sealed", line) for line in _not_sealed()))
        ],
        "text": "\n".join(
            [f"{_WHAT}\n{_NOT}\n{_LEAVES}", "Where:", f"  {_where(home)}", _SIZE, *_not_sealed()]
        ),
        "question": f"Record in {real}?",
        "owner_question": _WHOSE,
        "owners": [{"value": one.value, "label": label} for one, label in _OWNERS.items()],
        "owner": (owner or Owner.UNKNOWN).value,
    }


def _owner(arguments: argparse.Namespace, known: Owner | None, console: Console) -> Owner:
    """Ask whose code it is; what is not said stays as it was, or is unknown and never uploaded."""
    if arguments.owner:
        return Owner(arguments.owner)
    before = known or Owner.UNKNOWN
    if arguments.yes or arguments.asked_in is not None:
        return before
    return ask_owner(console, before)


def ask_owner(console: Console, before: Owner) -> Owner:
    """Ask at a terminal until the answer is an owner or its beginning; Enter keeps `before`."""
    words = ", ".join(owner.value for owner in Owner)
    while True:
        question = f"{_WHOSE} ({words}; Enter: {before.value})"
        answer = console.ask(question, default=before.value).strip().lower().replace(" ", "-")
        meant = [owner for owner in Owner if owner.value.startswith(answer)]
        if len(meant) == 1:
            return meant[0]
        console.say(f"Not an owner: {answer}. Answer with one of {words}, or its first letters.")


def _report(
    home: Home, workspace: Workspace, console: Console, sharing: Owner | None, *, was: Owner | None
) -> None:
    expires = rfc3339(workspace.expires_ns)
    if console.is_json:
        console.row(
            {
                "workspace": str(workspace.root),
                "id": workspace.identifier,
                "remote": workspace.remote,
                "owner": workspace.owner.value,
                "confirmed": workspace.is_confirmed,
                "asked_in": workspace.asked_in,
                "expires": expires,
                "home": str(home.root),
            }
        )
        return
    console.say()
    console.say(f"Enabled: {workspace.root}")
    console.say(f"  owner {workspace.owner.value}; remote {workspace.remote or 'none'}")
    console.say(f"  until {expires[:10]} ({LASTS_DAYS} days); you are reminded three days before")
    if workspace.asked_in is not None:
        console.say(f"  stored as confirmed in {workspace.asked_in}, as that program reports it")
    elif not workspace.is_confirmed:
        console.say("  stored as not confirmed (--yes); editors and `signoff status` say so")
    if workspace.owner in (Owner.EMPLOYER, Owner.UNKNOWN):
        console.say(f"  stays local: {workspace.owner.value} code is not uploaded")
    elif sharing is None:
        console.say("  stays local: a program said whose code it is, so that counts as unknown")
    if was is Owner.EMPLOYER and workspace.owner is not was:
        console.say("  what was recorded here before stays an employer's")
    console.say("Next: work as usual; `signoff status` shows what is recorded.")
