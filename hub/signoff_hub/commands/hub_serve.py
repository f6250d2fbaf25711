"""`signoff hub serve`: take episodes, on this machine or behind TLS."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_hub.commands.which_hub import DEFAULT_LISTEN, add_hub, opened, parse_listen
from signoff_schemas.errors import UsageError

if TYPE_CHECKING:
    from signoff_collector.screen.console import Console

SUMMARY: Final = (
    "Take signed episodes and answer questions about them, until it is ended with Ctrl-C or"
    " SIGTERM. On the loopback it speaks plain HTTP; elsewhere TLS, or a proxy in front does."
)
EXAMPLE: Final = "signoff hub serve --data hub --listen 127.0.0.1:8443"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of the part."""
    add_hub(parser)
    parser.add_argument(
        "--listen",
        default=DEFAULT_LISTEN,
        metavar="HOST:PORT",
        help=f"where to listen; {DEFAULT_LISTEN} by default, port 0 takes a free one",
    )
    parser.add_argument(
        "--certificate", type=Path, metavar="FILE", help="PEM, with what it is signed by"
    )
    parser.add_argument("--key", type=Path, metavar="FILE", help="PEM, of the certificate")
    parser.add_argument(
        "--behind-proxy",
        action="store_true",
        help="listen beyond this machine without TLS: a proxy in front speaks it",
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Listen until it is told to end."""
    from signoff_hub.serving.listening import Listening, server_of, until_told

    host, port = parse_listen(arguments.listen)
    if (arguments.certificate is None) != (arguments.key is None):
        raise UsageError("a certificate needs its key, and a key its certificate")
    listening = Listening(
        host=host,
        port=port,
        certificate=arguments.certificate,
        key=arguments.key,
        is_behind_proxy=arguments.behind_proxy,
    )
    listener = listening.bind()
    try:
        address = listening.address(listener)
        with until_told(), opened(arguments, listens_on=address) as node:
            server = server_of(node, listening)
            console.say(f"{node.address}: listening on {address}")
            console.say(f"terms and receipts are signed by {node.key.fingerprint}")
            console.say(f"upload: signoff upload last --to {node.address}")
            if console.is_json:
                console.row({"address": node.address, "listening": address})
            sys.stdout.flush()  # whoever started it reads on: it runs for long
            server.run(sockets=[listener])
    finally:
        listener.close()
    console.say("the hub has ended; what it took is kept")
    return 0
