"""Routes for whoever runs the hub: who may read which data set, until when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter

from signoff_hub.api.asking import AtDesk, Operator, RecordInPath
from signoff_hub.api.uploading import second
from signoff_hub.building.grants import give_grant, list_grants, revoke_grant
from signoff_schemas.hub_api import GrantRequest, Grants, KeptGrant

if TYPE_CHECKING:
    from signoff_hub.building.grants import Given

ROUTES = APIRouter(prefix="/v1/grants", tags=["grants"])


@ROUTES.post("", status_code=201, responses={404: {}})
def post_grant(desk: AtDesk, who: Operator, request: GrantRequest) -> KeptGrant:
    """Let the reader with a token have a data set, for its purpose; twice gives it once."""
    del who
    return _told(give_grant(desk.node, request))


@ROUTES.get("")
def get_grants(desk: AtDesk, who: Operator) -> Grants:
    """Return every grant; what was read under them is not told here."""
    del who
    return Grants(grants=tuple(map(_told, list_grants(desk.node))))


@ROUTES.delete("/{grant_id}", responses={404: {}})
def delete_grant(grant_id: RecordInPath, desk: AtDesk, who: Operator) -> KeptGrant:
    """Revoke a grant: from here on nothing is read under it."""
    del who
    return _told(revoke_grant(desk.node, grant_id))


def _told(given: Given) -> KeptGrant:
    at = given.revoked_at
    return KeptGrant(
        **dict(given.grant), token=given.token, revoked_at=None if at is None else second(at)
    )
