"""`signoff uses`: which data sets hold your episodes, for what, and when they were read."""

from __future__ import annotations

import os
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final

from signoff_collector.system.files.descriptors import sync
from signoff_schemas.errors import (
    DiskFullError,
    NotFoundError,
    RefusedError,
    SignoffError,
    UsageError,
)

if TYPE_CHECKING:
    import argparse

    from signoff_collector.consent.terms.audience import Audience
    from signoff_collector.own_files.home import Home
    from signoff_collector.screen.console import Console
    from signoff_schemas.hub_api import OwnSignOff

SUMMARY: Final = (
    "Ask the hubs which data sets hold your episodes, for what, and when they were read."
)
EXAMPLE: Final = "signoff uses last      or: signoff uses --open --from https://hub.example.org"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument(
        "episode",
        metavar="EPISODE",
        nargs="?",
        help="a path, an id prefix, or a SHA-256; else all of them",
    )
    parser.add_argument("--from", metavar="URL", dest="source", help="only this hub")
    parser.add_argument(
        "--export",
        type=Path,
        metavar="FILE",
        help="get all that the hub has of you as a tar",
    )
    parser.add_argument(
        "--open",
        action="store_true",
        dest="opens",
        help="show it on the hub's own pages, in your browser; there it can be taken back too",
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Print what each hub says; one that is down does not hide the others."""
    from signoff_collector.own_files.home import resolve_home

    home = resolve_home()
    if arguments.export is not None:
        return _export(home, arguments, console)
    if arguments.opens:
        return _open(home, arguments, console)
    sha256 = None if arguments.episode is None else _digest(home, arguments.episode)
    failures: list[SignoffError] = []
    shown = 0
    for audience in _hubs(home, arguments.source):
        try:
            sign_offs = _ask(home, audience)
        except SignoffError as error:
            failures.append(error)
            continue
        for sign_off in sign_offs:
            if sha256 in (None, sign_off.sha256):
                _say(audience, sign_off, console)
                shown += 1
    for other in failures[1:]:
        console.note(f"error: {other}")
    if failures:
        raise failures[0]
    if not shown:
        console.say("no hub has an episode of yours" if sha256 is None else "no hub has it")
    return 0


def _export(home: Home, arguments: argparse.Namespace, console: Console) -> int:
    """Write the tar whole or not at all; a file that is there stays as it is."""
    from signoff_collector.own_files.private_files import open_new
    from signoff_collector.upload.hub.authorities import open_hub
    from signoff_collector.upload.hub.own_key import key_for_hub

    file: Path = arguments.export
    if arguments.episode is not None:
        raise UsageError("--export gets everything, not one episode")
    if file.exists():
        raise RefusedError(f"{file} is there already", hint="Name another file.")
    hubs = _hubs(home, arguments.source)
    if len(hubs) != 1:
        raise UsageError(f"{len(hubs)} hubs have something of you", hint="Name one: --from URL")
    unfinished = file.with_name(f".{file.name}.unfinished")
    try:
        unfinished.unlink(missing_ok=True)  # of somebody who was stopped
        with (
            os.fdopen(open_new(unfinished, os.O_WRONLY), "wb") as out,
            closing(open_hub(home, hubs[0])) as hub,
        ):
            hub.sign_in(key_for_hub(home, hubs[0]))
            hub.export(partial(_write, out, file))
            out.flush()
            sync(out.fileno())
        size = unfinished.stat().st_size
        os.link(unfinished, file)  # never over a file that came meanwhile
    except FileExistsError:
        raise RefusedError(f"{file} is there already", hint="Name another file.") from None
    except OSError:
        raise _cannot_write(file) from None
    finally:
        unfinished.unlink(missing_ok=True)
    console.say(f"{file}: {size} bytes from {hubs[0]}; `tar -xf` unpacks it")
    if console.is_json:
        console.row({"export": str(file), "size_bytes": size, "audience": hubs[0]})
    return 0


def _write(out: BinaryIO, file: Path, piece: bytes) -> None:
    try:
        out.write(piece)
    except OSError:  # else it would look as if the hub had broken off
        raise _cannot_write(file) from None


def _cannot_write(file: Path) -> DiskFullError:
    return DiskFullError(f"{file} cannot be written", hint="Name another place.")


def _digest(home: Home, name: str) -> str:
    from signoff_collector.commands.withdraw import digest_named
    from signoff_collector.upload.outbox.outbox import Outbox

    with Outbox.open(home.ensure()) as outbox:
        return digest_named(home, outbox, name)


def _hubs(home: Home, source: str | None) -> tuple[Audience, ...]:
    """Return the hub that is named, or every one for which something was signed here."""
    from signoff_collector.consent.signatures.keys import KeyRegister
    from signoff_collector.consent.terms.audience import Audience, canonical_audience, is_hub

    if source is not None:
        named = canonical_audience(source)
        if not is_hub(named):
            raise UsageError(
                f"{named} is a store, and a store does not know what is done with an episode",
                hint="Name a hub: https://host, or http://127.0.0.1:PORT on this machine.",
            )
        return (named,)
    used = KeyRegister(home).keys()
    audiences = (Audience(key.audience) for key in used)
    found = tuple(sorted({audience for audience in audiences if is_hub(audience)}))
    if not found:
        raise NotFoundError(
            "nothing was signed for a hub on this machine",
            hint="Sign for one: signoff sign EPISODE --to https://hub.example.org",
        )
    return found


def _open(home: Home, arguments: argparse.Namespace, console: Console) -> int:
    """Sign a browser in: with a code that holds once, in a private file and not in argv."""
    from signoff_collector.review.serving.opening import no_display, open_in_browser
    from signoff_collector.review.serving.redirects import Redirects
    from signoff_collector.upload.hub.authorities import open_hub
    from signoff_collector.upload.hub.own_key import key_for_hub

    if arguments.episode is not None:
        raise UsageError("the page shows all of your episodes: name none with --open")
    hubs = _hubs(home, arguments.source)
    if len(hubs) != 1:
        raise UsageError(
            f"you signed for {len(hubs)} hubs, and a page is of one",
            hint="Name it: signoff uses --open --from URL",
        )
    audience = hubs[0]
    key = key_for_hub(home, audience)
    with closing(open_hub(home, audience)) as hub:
        hub.sign_in(key)
        code = hub.page_code()
    page = f"{audience}/pages/enter"
    if console.is_json:
        console.row({"page": page, "code": code.code, "expires_at": code.expires_at})
        return 0
    reason = no_display()
    is_open = reason is None and open_in_browser(Redirects(home).write(f"{page}#{code.code}"))
    if is_open:
        console.say(f"{page} opens in your browser: press the button there within two minutes")
        return 0
    console.say(f"{reason or 'no browser was found'}; open {page} in one, and paste this code")
    console.say(code.code)
    console.say(f"It holds once, until {code.expires_at}.")
    return 0


def _ask(home: Home, audience: Audience) -> tuple[OwnSignOff, ...]:
    from signoff_collector.upload.hub.authorities import open_hub
    from signoff_collector.upload.hub.own_key import key_for_hub

    key = key_for_hub(home, audience)
    with closing(open_hub(home, audience)) as hub:
        hub.sign_in(key)
        return hub.mine().sign_offs


def _say(audience: Audience, sign_off: OwnSignOff, console: Console) -> None:
    because = f" ({sign_off.reason})" if sign_off.reason else ""
    console.say(f"{sign_off.sha256[:16]}  {sign_off.state}{because}  {audience}")
    for use in sign_off.uses:
        days = ", ".join(use.read_on) or "not read yet"
        console.say(f"  {use.dataset} {use.version}, for {use.purpose}: {days}")
    if not sign_off.uses:
        console.say("  in no data set")
    if console.is_json:
        console.row(
            {
                "sha256": sign_off.sha256,
                "statement_sha256": sign_off.statement_sha256,
                "audience": audience,
                "state": sign_off.state.value,
                "reason": sign_off.reason,
                "received_on": sign_off.received_on,
                "uses": [use.model_dump(mode="json") for use in sign_off.uses],
            }
        )
