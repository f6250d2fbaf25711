"""Which hub a command is about: `--data`, `--database`, `--store`."""

from __future__ import annotations

import argparse
import re
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from signoff_schemas.errors import NotFoundError, SignoffError, UsageError

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


def root_of(arguments: argparse.Namespace) -> Path:
    """Return the hub's folder, which may be still to be made.

    Raises:
        NotFoundError: something else is there.
        SignoffError: it cannot be looked at.
    """
    from signoff_hub.place.looking import require_folder

    root: Path = arguments.data.absolute()
    require_folder(
        root, hint="--data names the folder that `signoff hub serve` made.", may_be_new=True
    )
    return root


@contextmanager
def opened(arguments: argparse.Namespace, *, listens_on: str | None = None) -> Generator[Node]:
    """Yield the node that the arguments name, and close it.

    Args:
        arguments: as `add_hub` declared them.
        listens_on: the address of who serves it, which makes a hub where there is none; None:
            the hub has to be there, and its address is that of the last time it was served.

    Raises:
        NotFoundError: there is no hub.
        SignoffError: it cannot be opened; the details say where it is.
    """
    from signoff_collector.own_files.private_files import replace_private
    from signoff_hub.node.node import open_node
    from signoff_hub.place.hub_folder import open_hub_folder
    from signoff_hub.place.looking import is_file, read_own

    root = root_of(arguments)
    noted = root / "address"
    if listens_on is None and not is_file(noted):
        raise NotFoundError(
            f"there is no hub in {root}", hint="`signoff hub serve --data DIR` makes one."
        )
    address = listens_on or read_own(noted, max_bytes=_MAX_ADDRESS_BYTES).decode().strip()
    with places_named(root, arguments):
        node = open_node(
            open_hub_folder(root),
            database_url=arguments.database,
            store_url=arguments.store,
            address=address,
        )
    try:
        if listens_on is not None:
            replace_private(noted, f"{node.address}\n".encode())
        yield node
    finally:
        node.close()


@contextmanager
def places_named(root: Path, arguments: argparse.Namespace) -> Generator[None]:
    """Have what goes wrong say where: its own words go over the net too, and leave places out."""
    try:
        yield
    except SignoffError as error:
        if str(root) not in str(error):
            error.details = (*error.details, *_places(root, arguments))
        raise


def _places(root: Path, arguments: argparse.Namespace) -> Generator[str]:
    """Yield where a hub is; of a database its address may hold a password, and is not repeated."""
    from signoff_collector.consent.terms.audience import canonical_audience

    yield f"the hub's folder: {root}"
    if arguments.database is not None:
        yield "its database: as --database names it"
    if arguments.store is not None:
        with suppress(UsageError):  # then it is the error itself
            yield f"its store: {canonical_audience(arguments.store)}"


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
