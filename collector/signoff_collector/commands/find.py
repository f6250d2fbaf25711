"""`signoff find`: search everything that was recorded on this machine."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from signoff_collector.own_files.home import resolve_home
from signoff_collector.system.clock import SystemClock
from signoff_collector.system.files.spelling import true_path
from signoff_schemas.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator, Sequence

    from signoff_collector.history.search.finding import Found, Search
    from signoff_collector.history.search.matcher import Matcher
    from signoff_collector.own_files.home import Home
    from signoff_collector.screen.console import Console

SUMMARY: Final = "Find text that is, or once was, in your files, commands, failures and notes."
EXAMPLE: Final = 'signoff find "def parse_header" --deleted'
MOST: Final = 20
_WIDTH: Final = 100
_WAYS: Final = {"p": "replay", "r": "restore", "e": "editor", "": "replay"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the verb."""
    from signoff_collector.commands.words import TIMES
    from signoff_collector.history.search.kinds import KINDS_WITH_TEXT, TEXT_KIND

    parser.add_argument("text", metavar="TEXT", help="the text to look for; case does not matter")
    parser.add_argument("--regex", action="store_true", help="TEXT is a regular expression (RE2)")
    parser.add_argument(
        "--deleted",
        action="store_true",
        help="only text in files that is not there any more, with the time of its deletion"
        " (or when it was last seen, if the deletion was not recorded)",
    )
    parser.add_argument("--in", dest="place", metavar="PATH", help="only in this file or folder")
    parser.add_argument("--since", metavar="T", help=f"only since: {TIMES}")
    parser.add_argument(
        "--kind",
        action="append",
        choices=(TEXT_KIND, *KINDS_WITH_TEXT),
        help="only text in files (edit), or in steps of this kind; may be repeated",
    )
    parser.add_argument(
        "--everywhere",
        action="store_true",
        help="all workspaces, not only that of the current folder",
    )
    parser.add_argument("--all", action="store_true", help="every hit and line, not the newest 20")
    parser.add_argument("--yes", action="store_true", help="with --restore: ask nothing")
    parser.add_argument("--no-ask", action="store_true", help="do not ask which hit to open")
    parser.add_argument("--raw", action="store_true", help="show secrets too")
    for way, what in (("replay", "play"), ("restore", "put back"), ("editor", "open in $EDITOR")):
        parser.add_argument(f"--{way}", type=int, metavar="N", help=f"{what} hit number N")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Print the hits; open one where a person or a flag says so."""
    from signoff_collector.history.on_screen import screen_mask

    home = resolve_home()
    search = _search(arguments)
    wanted = [(way, n) for way in _WAYS.values() if (n := getattr(arguments, way)) is not None]
    mask = screen_mask(home, search.below, is_raw=arguments.raw)
    most = None if arguments.all else max([MOST, *(number for _, number in wanted)])
    with console.counting("Searching sessions") as progress:
        found = search.run(home, SystemClock(), progress)
        shown = _show(found, search.matcher, mask, console, most=most, is_quiet=bool(wanted))
    for problem in search.unreadable:
        console.note(f"note: not searched: {problem}")
    if not shown:
        # Detectors cost more than a search that finds nothing; these words were just typed here.
        raise _nothing(search, home, mask, mask.values(arguments.text))
    if wanted:
        way, number = wanted[0]
        return _open(_numbered(shown, number), way, console, is_sure=arguments.yes)
    return 0 if arguments.no_ask else _offer(shown, console)


def _nothing(search: Search, home: Home, mask: Callable[[str], str], text: str) -> NotFoundError:
    """Return what to say where there is no hit."""
    from signoff_collector.history.local_sessions import local_sessions

    clock = SystemClock()
    near = local_sessions(home, clock, below=search.below)
    is_all = len(near) == len(local_sessions(home, clock))
    wider = "" if is_all else "--everywhere searches all workspaces."
    stands = search.standing
    if stands is None:
        hint = wider or "Look for a shorter part of it."
        return NotFoundError(f"{text!r} was not found", hint=hint)
    place = f"{mask(str(stands.hit.path))}:{stands.hit.line}"
    hint = wider or "Without --deleted it is listed."
    return NotFoundError(f"{text!r} is still in {place} and was not deleted anywhere", hint=hint)


def _search(arguments: argparse.Namespace) -> Search:
    from signoff_collector.history.search.finding import Search
    from signoff_collector.history.search.matcher import Matcher
    from signoff_collector.history.search.searching import Scope

    here = None if arguments.everywhere else _here(resolve_home())
    return Search(
        matcher=Matcher(arguments.text, is_regex=arguments.regex),
        scope=Scope(
            kinds=_kinds(arguments),
            path=None if arguments.place is None else _relative(arguments.place, here),
        ),
        is_deleted_only=arguments.deleted,
        has_every_line=arguments.all,
        below=here,
        since_wall_ns=0 if arguments.since is None else _since_ns(arguments.since),
    )


def _kinds(arguments: argparse.Namespace) -> frozenset[str] | None:
    from signoff_collector.history.search.kinds import TEXT_KIND

    kinds = None if arguments.kind is None else frozenset(arguments.kind)
    if arguments.deleted:
        return frozenset({TEXT_KIND}) & (kinds or {TEXT_KIND})
    return kinds


def _since_ns(since: str) -> int:
    from signoff_collector.commands.words import since_ns

    return since_ns(since, SystemClock())


def _here(home: Home) -> Path | None:
    """Return the workspace around the current folder, recorded now or ever; None for none."""
    from signoff_collector.history.local_sessions import local_sessions

    here = Path.cwd().resolve()
    roots = {session.root for session in local_sessions(home, SystemClock(), below=here)}
    around = [root for root in roots if root == here or root in here.parents]
    return max(around, key=lambda root: len(root.parts), default=None)


def _relative(place: str, root: Path | None) -> PurePosixPath:
    absolute = true_path(place)
    if root is not None and absolute.is_relative_to(root):
        return PurePosixPath(absolute.relative_to(root).as_posix())
    return PurePosixPath(place)


def _show(
    hits: Iterator[Found],
    matcher: Matcher,
    mask: Callable[[str], str],
    console: Console,
    *,
    most: int | None,
    is_quiet: bool,
) -> list[Found]:
    """Print hits as they are found, and return those printed."""
    shown: list[Found] = []
    for found in hits:
        if most is not None and len(shown) == most:
            console.say("… more with --all")
            break
        shown.append(found)
        if not is_quiet:
            _say(len(shown), found, matcher, mask, console)
    return shown


def _say(
    number: int, found: Found, matcher: Matcher, mask: Callable[[str], str], console: Console
) -> None:
    hit = found.hit
    text = matcher.excerpt(mask(hit.text), _WIDTH)  # in this order: no half of a value is left
    where = "" if hit.path is None else f"{mask(hit.path)}{f':{hit.line}' if hit.line else ''}"
    when = datetime.fromtimestamp(found.wall_ns / 1e9, UTC).astimezone()
    state = "deleted" if hit.is_deleted else "" if hit.kind == "edit" else hit.kind
    state_style = "red" if hit.is_deleted else "cyan"
    console.say_row(
        (f"{number:>3}", "bold"),
        (f"  {when:%Y-%m-%d %H:%M:%S}", "dim"),
        (f"  {where}", ""),
        (f"{'  ' if where and state else ''}{state}", state_style),
    )
    pieces = ((piece, "bold yellow" if is_hit else "") for piece, is_hit in matcher.marked(text))
    console.say_row(("     ", ""), *pieces)
    if hit.more:
        console.say_parts((f"     … and {hit.more} more line{'s'[: hit.more > 1]}", "dim"))
    if console.is_json:
        console.row(
            {
                "n": number,
                "session": found.session.id,
                "at": f"step:{hit.seq}",
                "t": datetime.fromtimestamp(found.wall_ns / 1e9, UTC).isoformat(),
                "kind": hit.kind,
                "path": None if hit.path is None else mask(hit.path),
                "line": hit.line,
                "deleted": hit.is_deleted,
                "more": hit.more,
                "root": mask(str(found.session.root)),
                "text": text,
            }
        )


def _offer(shown: list[Found], console: Console) -> int:
    """Let a person open one: its number, with r, p or e behind it."""
    if not console.may_offer:
        return 0
    answer = console.ask("1 replays hit 1, 1r restores it, 1e edits it; Enter ends:").lower()
    if answer in {"", "q"}:
        return 0
    number, way = answer.rstrip("rpe"), answer[len(answer.rstrip("rpe")) :]
    if not number.isdigit() or way not in _WAYS:
        raise UsageError(f"{answer!r} is not the number of a hit")
    return _open(_numbered(shown, int(number)), _WAYS[way], console)


def _numbered(shown: list[Found], number: int) -> Found:
    if not 1 <= number <= len(shown):
        raise UsageError(f"there is no hit {number}; there are {len(shown)}")
    return shown[number - 1]


def _open(found: Found, way: str, console: Console, *, is_sure: bool = False) -> int:
    hit, session = found.hit, found.session
    if way == "editor":
        return _edit(found)
    if way == "replay":
        return _call("replay", (session.id, "--from", f"step:{hit.seq}"), console)
    if hit.path is None:
        raise UsageError("this hit is not in a file", hint="Give its number alone to replay it.")
    place = str(session.root / hit.path)
    words = (place, "--session", session.id, "--at", f"step:{hit.seq}")
    return _call("restore", (*words, "--yes") if is_sure else words, console)


def _call(verb: str, words: Sequence[str], console: Console) -> int:
    """Run another verb in this process."""
    import argparse
    from importlib import import_module

    module = import_module(f"signoff_collector.commands.{verb}")
    parser = argparse.ArgumentParser()
    module.add_arguments(parser)
    return int(module.run(parser.parse_args(list(words)), console))


def _edit(found: Found) -> int:
    """Become the person's editor, at the place.

    Raises:
        UsageError: the hit is in no file that is there, or no editor is configured.
    """
    import shlex

    from signoff_collector.programs.children import search_program

    hit = found.hit
    path = None if hit.path is None else found.session.root / hit.path
    if path is None or not path.is_file():
        raise UsageError(
            "the file of this hit does not exist any more",
            hint="Give its number and r to restore it.",
        )
    words = shlex.split(os.environ.get("VISUAL") or os.environ.get("EDITOR") or "")
    if not words:
        raise UsageError("no editor is configured", hint="Set the environment variable EDITOR.")
    program = search_program(words[0], avoid=(found.session.root,))
    place = [f"+{hit.line}"] if hit.line else []
    os.execv(program, [str(program), *words[1:], *place, str(path)])  # noqa: S606  their own
