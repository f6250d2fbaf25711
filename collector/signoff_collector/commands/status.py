"""`signoff status`, and `signoff` alone: what is recorded here, and what is not."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from signoff_collector.capture.opt_in.workspaces import Place
from signoff_collector.health.at_work import age, how_watched
from signoff_collector.health.standing import rfc3339, stand
from signoff_collector.own_files.home import resolve_home
from signoff_collector.seal.upkeep import keep_up
from signoff_collector.system.abilities import WHERE_IT_RECORDS, can_record
from signoff_collector.system.clock import SystemClock
from signoff_schemas.errors import SignoffError

if TYPE_CHECKING:
    import argparse

    from signoff_collector.capture.tallies.step_counts import DocumentSeen
    from signoff_collector.health.standing import LiveSession, Standing
    from signoff_collector.own_files.home import Home
    from signoff_collector.screen.console import Console
    from signoff_collector.system.clock import Clock

SUMMARY = "What is recorded here, and what is not."
EXAMPLE = "signoff status --json"
_MOST_FILES = 5
_S = 10**9


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("path", nargs="?", default=".", metavar="DIR", help="any path; else here")


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Look, and say it in a few lines; seal what was left lying."""
    home, clock = resolve_home(), SystemClock()
    standing = stand(home, clock, Path(arguments.path).absolute())
    outbox = _outbox(home)
    if console.is_json:
        console.row({**_row(standing, clock), "outbox": outbox})
    else:
        _say(standing, clock, console)
        for item in outbox:
            console.say(f"! Not yet sent: {item['verb']} {item['sha256']} ({item['error']})")
            console.say("  `signoff upload --resume` tries again.")
    keep_up(home, clock)
    return 0


def _outbox(home: Home) -> list[dict[str, str | None]]:
    """Return what still has to be sent; a damaged outbox keeps nobody from the rest."""
    if not (home.state / "outbox.sqlite").is_file():
        return []
    from signoff_collector.upload.outbox.outbox import waiting

    try:
        return [
            {
                "verb": item.verb,
                "sha256": item.sha256,
                "audience": item.audience,
                "error": item.last_error,
            }
            for item in waiting(home)
        ]
    except SignoffError as error:
        return [{"verb": "outbox", "sha256": "", "audience": None, "error": str(error)}]


def _say(standing: Standing, clock: Clock, console: Console) -> None:
    workspace = standing.finding.workspace
    console.say(standing.finding.fact, style="bold")
    for announcement in standing.announcements:
        console.say(f"! {announcement}")
    for problem in standing.problems:
        console.say(f"! {problem.sentence}")
        if problem.hint:
            console.say(f"  {problem.hint}")
    if workspace is not None and standing.owner is not None:
        was = "" if standing.owner is workspace.owner else f", enabled as {workspace.owner.value}"
        console.say(
            f"  {standing.owner.value} code{was}; remote {workspace.remote or 'none'}; "
            f"until {rfc3339(workspace.expires_ns)[:10]}"
        )
        console.say("Not recorded here:")
        for words in standing.not_here:
            console.say(f"  {words}")
    if standing.live is not None:
        _say_live(standing.live, clock, console)
    for other in standing.others:
        word = "Also enabled" if clock.wall_ns() < other.expires_ns else "Ended"
        console.say(f"{word}: {other.root}, until {rfc3339(other.expires_ns)[:10]}")
    if standing.waiting:
        console.say(f"Waiting to be sealed: {standing.waiting}")
    console.say(f"Kept in {standing.home}")
    console.say(f"Next: {_next(standing)}")


def _say_live(live: LiveSession, clock: Clock, console: Console) -> None:
    counts = ", ".join(f"{kind} {count}" for kind, count in live.counts.by_kind.items())
    since = rfc3339(live.session.started_wall_ns)
    console.say(f"Session {live.session.id}, since {since}: {counts or 'nothing yet'}")
    if live.watch is not None:
        console.say(f"  {how_watched(live.watch)}")
    now_ns = clock.boot_ns()
    for source, t_boot_ns in sorted(live.counts.last_ns.items()):
        console.say(f"  last from {_called(source, live)}: {age(now_ns - t_boot_ns)} ago")
    opened = sorted(_open_files(live), key=lambda seen: seen.last_ns, reverse=True)
    for seen in opened[:_MOST_FILES]:
        console.say(f"  last in {seen.path}: {age(now_ns - seen.last_ns)} ago")
    if len(opened) > _MOST_FILES:
        console.say(f"  and {len(opened) - _MOST_FILES} more open files; --json has all")
    if not live.has_writers:
        console.say("  no editor or command is writing into it now")


def _called(source: str, live: LiveSession) -> str:
    """Name a source as a person knows it: the editors by their names."""
    names = {one.name for one in live.counts.writers if one.source == source}
    return ", ".join(sorted(names)) if source == "lsp" and names else source


def _open_files(live: LiveSession) -> list[DocumentSeen]:
    return [seen for seen in live.counts.documents if seen.is_open]


def _wall(t_boot_ns: int, clock: Clock) -> str:
    return rfc3339(clock.wall_ns() - clock.boot_ns() + t_boot_ns)


def _next(standing: Standing) -> str:
    if not can_record():
        return WHERE_IT_RECORDS
    match standing.finding.place:
        case Place.ENABLED if standing.live is None:
            return "open a file in an editor set up for Signoff, or `signoff run -- CMD`."
        case Place.ENABLED:
            return "work as usual; `signoff stop` seals the session, `signoff pause` pauses it."
        case Place.PAUSED:
            return "`signoff resume` records again."
        case Place.EXPIRED | Place.OTHER_REMOTE:
            return "`signoff enable` records again, `signoff disable` forgets the opt-in."
        case Place.OFF | Place.NESTED:
            return "`signoff enable` records in this folder; it says first what that means."


def _row(standing: Standing, clock: Clock) -> dict[str, object]:
    workspace = standing.finding.workspace
    return {
        "recorded": standing.is_recorded,
        "state": standing.finding.place.value,
        "fact": standing.finding.fact,
        "home": str(standing.home),
        "workspace": None
        if workspace is None
        else {
            "root": str(workspace.root),
            "enabled_root": str(workspace.enabled_root),
            "id": workspace.identifier,
            "remote": workspace.remote,
            "owner": None if standing.owner is None else standing.owner.value,
            "enabled_as": workspace.owner.value,
            "confirmed": workspace.is_confirmed,
            "asked_in": workspace.asked_in,
            "expires": rfc3339(workspace.expires_ns),
        },
        "announcements": list(standing.announcements),
        "not_recorded": list(standing.not_here),
        "session": None if standing.live is None else _live_row(standing, standing.live, clock),
        "also_enabled": [str(other.root) for other in standing.others],
        "blocked": [
            {"session": item.session_id, "error": item.error, "hint": item.hint}
            for item in standing.blocked
        ],
        "left_out": standing.left_out,
        "waiting": standing.waiting,
        "unfinished_forgets": standing.unfinished_forgets,
        "next": _next(standing),
    }


def _live_row(standing: Standing, live: LiveSession, clock: Clock) -> dict[str, object]:
    counts, watch = live.counts, live.watch
    now_ns = clock.boot_ns()
    return {
        "id": live.session.id,
        "started": rfc3339(live.session.started_wall_ns),
        "problems": [
            {"key": one.key, "text": one.sentence, "hint": one.hint} for one in standing.problems
        ],
        "counts": dict(counts.by_kind),
        "last": {source: _wall(t_ns, clock) for source, t_ns in counts.last_ns.items()},
        "files": [
            {
                "path": seen.path,
                "open": seen.is_open,
                "last": _wall(seen.last_ns, clock),
                "age_s": max(0, now_ns - seen.last_ns) // _S,
            }
            for seen in counts.documents
        ],
        "writers": [
            {
                "source": one.source,
                "name": one.name,
                "at_work": one.is_at_work,
                "killed": one.is_killed,
                "companion": one.has_companion,
            }
            for one in counts.writers
        ],
        "watch": None
        if watch is None
        else {
            "mode": watch.mode.value,
            "directories": watch.directories,
            "unwatched": watch.unwatched,
            "reason": watch.reason,
        },
        "has_writers": live.has_writers,
        "older_releases": list(live.older_releases),
        "unreadable_bytes": counts.left_bytes,
    }
