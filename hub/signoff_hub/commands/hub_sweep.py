"""`signoff hub sweep`: end what is over, erase what is due, once and now."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_hub.commands.which_hub import add_hub, opened

if TYPE_CHECKING:
    import argparse

    from signoff_collector.screen.console import Console

SUMMARY: Final = (
    "End what is over, erase what was taken back or has ended, and clear what nobody signed. Nodes"
    " do this by themselves every hour; it may run beside them."
)
EXAMPLE: Final = "signoff hub sweep --data hub"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the part."""
    add_hub(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Sweep once and say how much was done."""
    from signoff_hub.withdrawing.sweeping import sweep

    with opened(arguments) as node:
        swept = sweep(node)
        node.log.publish()
    counts = {
        "expired": swept.expired,
        "erased": swept.erased,
        "unsigned": swept.unsigned,
        "left_over": swept.left_over,
        "kept": swept.kept,
    }
    if console.is_json:
        console.row(counts)
    console.say(
        f"ended: {swept.expired}, erased: {swept.erased}, never signed: {swept.unsigned},"
        f" left over: {swept.left_over}"
    )
    if swept.kept:
        console.note(f"the store keeps old versions of {swept.kept} episodes that were erased")
        console.note("hint: Look for a lock or a policy of the bucket; the next sweep tries again.")
    return 0
