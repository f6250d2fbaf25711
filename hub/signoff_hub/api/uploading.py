"""Routes of an upload: blobs, whole or in parts, and the sign-off that commits them."""

from __future__ import annotations

import hashlib
import secrets
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

from anyio import to_thread
from fastapi import APIRouter, Header, Path, Request, Response

from signoff_hub.admitting.receipts import receipt_of
from signoff_hub.api.asking import AtDesk, Contributor, DigestInPath, Uploader, address_of
from signoff_hub.api.bodies import said_length, spooled
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_hub.receiving.blobs import has_blob, receive_blob, refuse_size
from signoff_hub.receiving.parts import (
    MAX_PARTS,
    PART_BYTES,
    complete,
    parts_of,
    receive_part,
)
from signoff_hub.receiving.sign_offs import receive_sign_off
from signoff_hub.receiving.standing import has_admitted
from signoff_hub.receiving.states import read_state
from signoff_schemas.hub_api import (
    HubState,
    Parts,
    SignedReceipt,
    SignOffRequest,
    SignOffState,
    WholeRequest,
)
from signoff_schemas.statement import format_time

if TYPE_CHECKING:
    from signoff_hub.node.node import Node
    from signoff_hub.receiving.states import State

ROUTES = APIRouter(prefix="/v1", tags=["upload"])
_Number = Annotated[int, Path(ge=0, lt=MAX_PARTS)]


@ROUTES.head(
    "/blobs/{sha256}",
    response_class=Response,
    responses={200: {"description": "It is here"}, 404: {}, 410: {}},
)
def find_blob(sha256: DigestInPath, desk: AtDesk, who: Uploader) -> Response:
    """Tell whether an episode's bytes are here."""
    del who
    return Response(status_code=200 if has_blob(desk.node, sha256) else 404)


@ROUTES.put(
    "/blobs/{sha256}",
    status_code=201,
    response_class=Response,
    responses={
        201: {"description": "Kept"},
        200: {"description": "Was here already"},
        410: {},
        411: {},
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string"}}},
        }
    },
)
async def put_blob(sha256: DigestInPath, desk: AtDesk, who: Uploader, request: Request) -> Response:
    """Take an episode's bytes; nobody can read them before they are signed and admitted."""
    node, account = desk.node, who.contributor()
    length = said_length(request, node.settings.max_episode_bytes)
    is_known = await to_thread.run_sync(refuse_size, node, account, length)
    with desk.uploads.place(account, address_of(request, desk), is_known=is_known):
        async with spooled(request, node.folder.incoming, length, desk.pace) as body:

            def keep() -> bool:
                if body.end() != sha256:
                    raise _other_bytes()
                return receive_blob(node, account, sha256, body.path)

            is_new = await to_thread.run_sync(keep)
    return Response(status_code=201 if is_new else 200)


@ROUTES.get("/blobs/{sha256}/parts")
def list_parts(sha256: DigestInPath, desk: AtDesk, who: Uploader) -> Parts:
    """Tell which parts of an episode are here."""
    return Parts(parts=parts_of(desk.node, who.contributor(), sha256))


@ROUTES.put(
    "/blobs/{sha256}/parts/{n}",
    status_code=201,
    response_class=Response,
    responses={
        201: {"description": "Kept"},
        200: {"description": "Was here already"},
        410: {},
        411: {},
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": {"schema": {"type": "string"}}},
        }
    },
)
async def put_part(
    sha256: DigestInPath,
    n: _Number,
    desk: AtDesk,
    *,
    who: Uploader,
    request: Request,
    signoff_part_sha256: Annotated[str, Header(pattern="^[0-9a-f]{64}$")],
) -> Response:
    """Take one part of an episode: 8 MiB, but for the last."""
    node, account = desk.node, who.contributor()
    length = said_length(request, PART_BYTES)
    is_known = await to_thread.run_sync(has_admitted, node, account)
    with desk.uploads.place(account, address_of(request, desk), is_known=is_known):
        async with spooled(request, node.folder.incoming, length, desk.pace) as body:

            def keep() -> bool:
                if body.end() != signoff_part_sha256:
                    raise _other_bytes()
                return receive_part(node, account, sha256, n, body.path)

            is_new = await to_thread.run_sync(keep)
    return Response(status_code=201 if is_new else 200)


@ROUTES.post(
    "/blobs/{sha256}/parts",
    status_code=201,
    response_class=Response,
    responses={
        201: {"description": "Put together"},
        200: {"description": "Was here already"},
        409: {},
        410: {},
    },
)
def make_whole(sha256: DigestInPath, desk: AtDesk, who: Uploader, whole: WholeRequest) -> Response:
    """Put the parts of an episode together."""
    node = desk.node
    path = node.folder.incoming / f"{secrets.token_hex(16)}.body"
    try:
        is_new = complete(node, who.contributor(), sha256, whole.size_bytes, path)
    finally:
        path.unlink(missing_ok=True)
    return Response(status_code=201 if is_new else 200)


@ROUTES.put(
    "/sign-offs/{statement_sha256}",
    status_code=201,
    responses={200: {"model": SignOffState, "description": "Came before"}, 409: {}, 410: {}},
)
def put_sign_off(
    statement_sha256: DigestInPath,
    desk: AtDesk,
    who: Uploader,
    sign_off: SignOffRequest,
    response: Response,
) -> SignOffState:
    """Take a sign-off: from here on the episode is read, and then admitted or refused."""
    statement = sign_off.statement.encode("utf-8", "surrogatepass")
    if hashlib.sha256(statement).hexdigest() != statement_sha256:
        raise _other_bytes()
    state = receive_sign_off(
        desk.node, who.contributor(), statement, sign_off.signature.encode("ascii")
    )
    if not state.is_new:
        response.status_code = 200
    return shown(desk.node, state)


@ROUTES.get("/sign-offs/{statement_sha256}", responses={404: {}})
def get_sign_off(statement_sha256: DigestInPath, desk: AtDesk, who: Contributor) -> SignOffState:
    """Tell what became of one's own sign-off."""
    with desk.node.database.read() as connection:
        state = read_state(connection, statement_sha256)
    if state is None or state.account != who.contributor():
        raise HubFault(FaultCode.NOT_FOUND, "there is no such sign-off of yours")
    return shown(desk.node, state)


def shown(node: Node, state: State) -> SignOffState:
    """Return a state as its sender is told it."""
    proof = None
    if state.leaf is not None:
        with suppress(HubFault):  # what the leaf says was erased: the receipt stays good without
            proof = node.log.proof_of(state.leaf)
    return shown_with(node, state, proof)


def shown_with(node: Node, state: State, proof: str | None) -> SignOffState:
    """Return a state as its sender is told it, with the proof that goes with its receipt."""
    receipt = receipt_of(node, state)
    return SignOffState(
        statement_sha256=state.statement_sha256,
        sha256=state.sha256,
        state=HubState(state.state),
        reason=state.reason,
        receipt=None
        if receipt is None
        else SignedReceipt(
            content=receipt.content.decode("ascii"), signature=receipt.signature.decode("ascii")
        ),
        proof=None if receipt is None else proof,
    )


def second(moment: int) -> str:
    """Return seconds since 1970 as a time of the API."""
    return format_time(datetime.fromtimestamp(moment, UTC))


def _other_bytes() -> HubFault:
    return HubFault(
        FaultCode.DIGEST_MISMATCH,
        "the bytes that came have another SHA-256 than was said",
        hint="Send them again.",
    )
