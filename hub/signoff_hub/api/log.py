"""Routes of the log: heads, proofs, and what is published of it. Nobody has to be signed in."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from signoff_hub.api.asking import AtDesk, stranger
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_schemas.hub_api import Signed

ROUTES = APIRouter(prefix="/v1/log", tags=["log"], dependencies=[Depends(stranger)])
_PLACE = r"^[a-z0-9./_-]{1,200}$"
"""Of what a log publishes; which of them are there, the log knows."""
_Size = Annotated[int | None, Query(ge=0, lt=1 << 53)]


@ROUTES.get("/head")
def get_head(desk: AtDesk) -> Signed:
    """Return the newest signed head."""
    head = desk.node.log.newest_head()
    return Signed(content=head.content.decode("ascii"), signature=head.signature.decode("ascii"))


@ROUTES.get(
    "/proof",
    response_class=Response,
    responses={200: {"content": {"application/json": {}}}, 404: {}},
)
def get_proof(
    desk: AtDesk,
    leaf: _Size = None,
    size: _Size = None,
    first: _Size = None,
    second: _Size = None,
) -> Response:
    """Return the proof that a leaf is in the log, or that it only grew between two sizes.

    What a leaf says is shown to whom it concerns alone: with a sign-off, or to an auditor.
    """
    if leaf is not None and first is None and second is None:
        proof = desk.node.log.proof_of(leaf, size, is_open=False)
    elif first is not None and second is not None and leaf is None and size is None:
        proof = desk.node.log.consistency(first, second)
    else:
        raise HubFault(
            FaultCode.BAD_REQUEST,
            "a proof is asked for a leaf, or for a first and a second size",
            hint="Give `leaf` (and `size`), or `first` and `second`.",
        )
    return Response(proof, media_type="application/json")


@ROUTES.get(
    "/tiles/{path:path}",
    response_class=Response,
    responses={
        200: {"content": {"application/json": {}, "application/octet-stream": {}}},
        404: {},
    },
)
def get_tile(desk: AtDesk, path: Annotated[str, Path(pattern=_PLACE)]) -> Response:
    """Return a published tile, bundle or head by its path, as a mirror copies it."""
    kind = "application/json" if path.endswith(".json") else "application/octet-stream"
    headers = {"Cache-Control": "public, max-age=31536000, immutable"}
    return Response(desk.node.log.published(path), media_type=kind, headers=headers)
