"""Which hub a command is about: `--data`, `--database`, `--store`."""

from __future__ import annotations

import argparse
import re
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_schemas.errors import NotFoundError, UsageError

if TYPE_CHECKING:
    from collections.abc import Generator

    from signoff_hub.node.node import Node

DEFAULT_LISTEN: Final = "127.0.0.1:8443"
_MAX_ADDRESS_BYTES: Final = 4_096
_ADDRESS: Final = re.compile(r"(\[[0-9a-f:.]+\]|[0-9A-Za-z.-]+):([0-9]{1,5})")


def add_hub(parser: argparse.ArgumentParser) -> None:
    """Declare where the hub is."""
    parser.add_argument("--data", type=Path, required=True, metavar="DIR", help="the hub's folder")
    parser.add_argument(
        "--database",
        metavar="URL",
        help="postgresql://user@host/name; else a file in the folder",
    )
    parser.add_argument(
        "--store", metavar="URL", help="file:///…, s3://host/bucket; else a folder in the folder"
    )


@contextmanager
def opened(arguments: argparse.Namespace, *, listens_on: str | None = None) -> Generator[Node]:
    """Yield the node that the arguments name, and close it.

    Args:
        arguments: as `add_hub` declared them.
        listens_on: the address of who serves it, which makes a hub where there is none; None:
            the hub has to be there, and its address is that of the last time it was served.

    Raises:
        NotFoundError: there is no hub.
    """
    from signoff_collector.system.private_files import read_regular, replace_private
    from signoff_hub.node.node import open_node
    from signoff_hub.place.hub_folder import open_hub_folder

    root: Path = arguments.data.absolute()
    noted = root / "address"
    if listens_on is None and not noted.is_file():
        raise NotFoundError(
            f"there is no hub in {root}", hint="`signoff hub serve --data DIR` makes one."
        )
    address = listens_on or read_regular(noted, max_bytes=_MAX_ADDRESS_BYTES).decode().strip()
    folder = open_hub_folder(root)
    node = open_node(
        folder, database_url=arguments.database, store_url=arguments.store, address=address
    )
    try:
        if listens_on is not None:
            replace_private(noted, f"{node.address}\n".encode())
        yield node
    finally:
        node.close()


def parse_listen(text: str) -> tuple[str, int]:
    """Return host and port of `HOST:PORT`.

    Raises:
        UsageError: it is none.
    """
    found = _ADDRESS.fullmatch(text)
    if found is None or int(found[2]) > 65_535:
        raise UsageError(
            "--listen names no address and port", hint=f"For example --listen {DEFAULT_LISTEN}."
        )
    return found[1].strip("[]"), int(found[2])
