"""`signoff hub token`: tokens for builders, readers, auditors and operators; enrolment codes."""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING, Final

from signoff_hub.commands.which_hub import add_hub, opened
from signoff_schemas.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from signoff_collector.screen.console import Console
    from signoff_hub.node.node import Node

SUMMARY: Final = (
    "Make an API token with some scopes, or enrolment codes for contributors. Each is shown once;"
    " the hub keeps only its hash."
)
EXAMPLE: Final = "signoff hub token --data hub --name auditor-2 --scope audit --days 30"
_SCOPES: Final = ("audit", "build", "operate", "read")
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,59}")
_MOST_CODES: Final = 10_000
_MOST_DAYS: Final = 366


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the part."""
    add_hub(parser)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--name", metavar="NAME", help="make a token of this name: a task, no person")
    what.add_argument("--revoke", metavar="NAME", help="revoke every token of a name")
    what.add_argument(
        "--enrolment", type=int, metavar="N", help="make N enrolment codes, in random order"
    )
    parser.add_argument(
        "--scope", action="append", choices=_SCOPES, help="what the token is good for"
    )
    parser.add_argument(
        "--days", type=int, default=30, metavar="N", help="how long it holds; 30 by default"
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Make what is asked for and print it, each on a line of its own."""
    from signoff_hub.signing_in.accounts import make_codes
    from signoff_hub.signing_in.tokens import Scope, make_api_token

    _refuse_unusable(arguments)
    with opened(arguments) as node:
        if arguments.revoke is not None:
            return _revoke(node, arguments.revoke, console)
        if arguments.name is not None:
            scopes = tuple(Scope(one) for one in sorted(set(arguments.scope)))
            made = [make_api_token(node, arguments.name, scopes, arguments.days)]
        else:
            made = list(make_codes(node, arguments.enrolment))
    for one in made:
        if console.is_json:
            console.row({"secret": one})
        else:
            console.say(one)
    console.note("shown once: keep it where secrets are kept")
    return 0


def _refuse_unusable(arguments: argparse.Namespace) -> None:
    if arguments.enrolment is not None and not 1 <= arguments.enrolment <= _MOST_CODES:
        raise UsageError(f"--enrolment makes 1 to {_MOST_CODES} codes")
    if arguments.name is None:
        return
    if _NAME.fullmatch(arguments.name) is None:
        raise UsageError("--name is of lower-case letters, digits, dots, hyphens and underscores")
    if not arguments.scope:
        raise UsageError("a token needs at least one --scope", hint=f"One of {', '.join(_SCOPES)}.")
    if not 1 <= arguments.days <= _MOST_DAYS:
        raise UsageError(f"--days is 1 to {_MOST_DAYS}")


def _revoke(node: Node, name: str, console: Console) -> int:
    from signoff_hub.signing_in.tokens import revoke_api_tokens

    count = revoke_api_tokens(node, name)
    if not count:
        raise NotFoundError("there is no such token that still holds")
    console.say(f"revoked: {count}")
    if console.is_json:
        console.row({"revoked": count})
    return 0
