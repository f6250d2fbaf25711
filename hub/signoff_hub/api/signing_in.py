"""Routes of signing in: terms, challenges, tokens, enrolments."""

from __future__ import annotations

from fastapi import APIRouter, Depends, Response

from signoff_hub.api.asking import AtDesk, stranger
from signoff_hub.api.problems import problem
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_hub.signing_in.accounts import enrol
from signoff_hub.signing_in.challenges import answered_by, make_challenge
from signoff_hub.signing_in.tokens import sign_in
from signoff_schemas.hub_api import (
    Challenge,
    EnrolmentRequest,
    PublishedTerms,
    Token,
    TokenRequest,
)

ROUTES = APIRouter(prefix="/v1", tags=["signing in"], dependencies=[Depends(stranger)])


@ROUTES.get("/terms")
def get_terms(desk: AtDesk) -> PublishedTerms:
    """Return what the hub binds itself to, signed."""
    node = desk.node
    return PublishedTerms(
        terms=node.terms.decode("ascii"), signature=node.terms_signature.decode("ascii")
    )


@ROUTES.post("/challenges", status_code=201)
def post_challenge(desk: AtDesk) -> Challenge:
    """Return a random number to sign; it holds for two minutes and once."""
    return make_challenge(desk.node)


@ROUTES.post("/tokens", status_code=201, response_model=Token, responses={401: {}, 403: {}})
def post_token(desk: AtDesk, request: TokenRequest) -> Token | Response:
    """Return a token of ten minutes for a key that signed a challenge."""
    try:
        return sign_in(desk.node, request)
    except HubFault as fault:
        if fault.code is not FaultCode.BAD_SIGNATURE:
            raise
        return problem(401, fault.code, fault.detail, fault.hint)


@ROUTES.post(
    "/enrolments",
    status_code=201,
    response_class=Response,
    responses={201: {"description": "Enrolled"}, 401: {}, 403: {}},
)
def post_enrolment(desk: AtDesk, request: EnrolmentRequest) -> Response:
    """Make a key one of a member, against an enrolment code."""
    enrol(desk.node, answered_by(desk.node, request), request.code)
    return Response(status_code=201)
