"""Everything that a hub has of one contributor, as a tar that is made while it goes out.

Each sign-off is a folder, named after its statement, as `signoff verify` reads one. Nothing is
held in memory but one piece of an object and one page of rows.
"""

from __future__ import annotations

import tarfile
from typing import TYPE_CHECKING, Final

from signoff_collector.upload.stores.layout import blob_key, signature_key, statement_key
from signoff_hub.api.own_pages import own_pages
from signoff_hub.withdrawing.endings import HOLDING, is_first_signer, rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from signoff_hub.node.node import Node
    from signoff_schemas.hub_api import OwnSignOff

MEDIA_TYPE: Final = "application/x-tar"
_BLOCK: Final = 512
_MAX_STATEMENT_BYTES: Final = 1 << 20
_MAX_SIGNATURE_BYTES: Final = 64 << 10
_PAGE: Final = 100


def own_archive(node: Node, account: str) -> Iterator[bytes]:
    """Yield the tar of an account, piece by piece; who breaks off begins again.

    The bytes of an episode go to whoever signed it first. Others may have signed the same bytes,
    as who read them somewhere could: they get their own statement, and nothing that is another's.

    Args:
        node: which hub.
        account: whose.
    """
    for page in own_pages(node, account, _PAGE):
        for one in page:
            yield from _sign_off(node, account, one)
    yield bytes(2 * _BLOCK)  # the end of a tar: without it, it was cut


def _sign_off(node: Node, account: str, told: OwnSignOff) -> Iterator[bytes]:
    sha256, statement = told.sha256, told.statement_sha256
    base = f"{statement}/{sha256}"
    yield from _file(f"{statement}/told.json", told.model_dump_json(indent=1).encode("ascii"))
    if told.receipt is not None:
        yield from _file(f"{base}.receipt.json", told.receipt.content.encode("ascii"))
        yield from _file(f"{base}.receipt.json.sig", told.receipt.signature.encode("ascii"))
    if told.proof is not None:
        yield from _file(f"{base}.proof.json", told.proof.encode("ascii"))
    if told.state.value not in HOLDING:
        return
    for key, name, most in (
        (statement_key(sha256, statement), f"{base}.signoff.json", _MAX_STATEMENT_BYTES),
        (signature_key(sha256, statement), f"{base}.signoff.json.sig", _MAX_SIGNATURE_BYTES),
    ):
        content = node.objects.read(key, max_bytes=most)
        if content is not None:  # else it was erased just now
            yield from _file(name, content)
    with node.database.read() as connection:
        is_first = is_first_signer(rows_of(connection, sha256), account)
    if is_first:
        yield from _object(node, blob_key(sha256), f"{base}.episode")


def _object(node: Node, key: str, name: str) -> Iterator[bytes]:
    size, pieces = node.objects.size(key), node.objects.pieces(key)
    if size is None or pieces is None:
        return
    yield _head(name, size)
    yield from pieces
    yield _rest(size)


def _file(name: str, content: bytes) -> Iterator[bytes]:
    yield _head(name, len(content))
    yield content
    yield _rest(len(content))


def _head(name: str, size: int) -> bytes:
    """Return a tar header that tells nothing but name and length: no owner, and no time."""
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    return info.tobuf(tarfile.PAX_FORMAT)


def _rest(size: int) -> bytes:
    return bytes(-size % _BLOCK)
