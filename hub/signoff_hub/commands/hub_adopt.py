"""`signoff hub adopt`: take over a store that uploads filled, or whose hub lost its database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_hub.commands.which_hub import DEFAULT_LISTEN, add_hub, opened, root_of
from signoff_schemas.errors import NotFoundError

if TYPE_CHECKING:
    import argparse

    from signoff_collector.screen.console import Console

SUMMARY: Final = (
    "Take over the sign-offs and tombstones that lie in the hub's store: each meets the checks of"
    " an upload, and a node reads them next. What is left out is counted by its reason. Stop the"
    " nodes first; doing it again goes on."
)
EXAMPLE: Final = "signoff hub adopt --data hub --store s3://host/bucket"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the part."""
    add_hub(parser)
    parser.add_argument(
        "--audience",
        action="append",
        default=[],
        metavar="URL",
        help="take also what was signed for this folder or bucket; the hub's own address always is",
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Take over what is there, and say what became of it."""
    from signoff_collector.consent.terms.audience import canonical_audience
    from signoff_hub.adopting.adopting import adopt
    from signoff_hub.place.looking import is_file

    audiences = [canonical_audience(one) for one in arguments.audience]
    root = root_of(arguments)
    is_new = not is_file(root / "address")
    if is_new and not is_file(root / "keys" / "hub") and not audiences:
        raise NotFoundError(
            f"there is no key of a hub in {root}",
            hint="Restore keys/hub and hub.toml first: receipts and log were signed by that key.",
        )
    listens_on = f"http://{DEFAULT_LISTEN}" if is_new else None
    with opened(arguments, listens_on=listens_on) as node, console.counting("Adopting") as tell:
        done = adopt(node, audiences=audiences, tell=tell)
    left_out = {reason: done.left_out[reason] for reason in sorted(done.left_out)}
    if console.is_json:
        console.row(
            {
                "leaves": done.leaves,
                "adopted": done.adopted,
                "receipts_kept": done.receipts_kept,
                "known": done.known,
                "tombstones": done.tombstones,
                "left_out": left_out,
            }
        )
    console.say(f"leaves of the log that were restored: {done.leaves:,}")
    console.say(f"adopted: {done.adopted:,}, of these with their receipt: {done.receipts_kept:,}")
    console.say(f"here before: {done.known:,}, tombstones: {done.tombstones:,}")
    for reason, count in left_out.items():
        console.say(f"left out: {count:,} {reason}")
    console.note("next: `signoff hub serve`, which reads them; then `signoff hub verify`")
    return 0
