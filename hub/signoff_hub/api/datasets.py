"""Routes of data sets: plans and builds for builders, versions for readers with a grant."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Path, Query, Response
from fastapi.responses import StreamingResponse

from signoff_hub.api.asking import AtDesk, Builder, DigestInPath, Reader
from signoff_hub.api.uploading import second
from signoff_hub.building.asked_plans import ask_plan, read_asked
from signoff_hub.building.builds import begin, list_builds, read_build, stop
from signoff_hub.building.grants import require_grant
from signoff_hub.building.places import CROISSANT, NOTICES, SIGNATURE, dataset_key
from signoff_hub.building.plans import list_drawn, read_drawn
from signoff_hub.building.readings import note_reading
from signoff_hub.building.versions import file_of, find_version, proofs_of, readable
from signoff_hub.place.faults import FaultCode, HubFault
from signoff_schemas.dataset import NAME_PATTERN
from signoff_schemas.errors import DamagedError
from signoff_schemas.hub_api import (
    BuildRequest,
    BuildState,
    BuildStates,
    DatasetState,
    Drawn,
    DrawnPlans,
    EpisodeProofs,
    PlanRequest,
    PlanState,
    Signed,
)

if TYPE_CHECKING:
    from signoff_hub.api.asking import Desk
    from signoff_hub.node.node import Node
    from signoff_hub.signing_in.tokens import Asker

ROUTES = APIRouter(prefix="/v1", tags=["data sets"])
NameInPath = Annotated[str, Path(pattern=NAME_PATTERN, max_length=80)]
VersionInPath = Annotated[int, Path(ge=1, lt=1 << 31)]
_GONE: dict[int | str, dict[str, object]] = {403: {}, 404: {}, 410: {}}
_MANIFEST = "manifest.json"
_JSON, _TEXT, _LD, _BYTES = (
    "application/json",
    "text/plain",
    "application/ld+json",
    "application/octet-stream",
)
_NOTICE_BYTES = 64 << 20


def _file(kind: str) -> dict[int | str, dict[str, object]]:
    """Return the answers of a route that sends a file of a version."""
    return {200: {"content": {kind: {}}, "description": "Its exact bytes"}, **_GONE}


@ROUTES.post("/plans", status_code=202)
def post_plan(desk: AtDesk, who: Builder, request: PlanRequest) -> PlanState:
    """Have a plan drawn of what may be in a data set now; no count of it is told."""
    return ask_plan(desk.node, who.token_hash, request)


@ROUTES.get("/plans/asked/{asked}", responses={404: {}})
def get_asked_plan(asked: DigestInPath, desk: AtDesk, who: Builder) -> PlanState:
    """Tell whether a plan that was asked for is drawn by now."""
    return read_asked(desk.node, who.token_hash, asked)


@ROUTES.get("/plans")
def get_plans(desk: AtDesk, who: Builder) -> DrawnPlans:
    """Return the newest plans of whoever asks."""
    return DrawnPlans(plans=list_drawn(desk.node, who.token_hash))


@ROUTES.get("/plans/{sha256}", responses={404: {}})
def get_plan(sha256: DigestInPath, desk: AtDesk, who: Builder) -> Drawn:
    """Return one of one's own plans."""
    return read_drawn(desk.node, who.token_hash, sha256)


@ROUTES.post("/builds", status_code=202, responses={200: {"model": BuildState}, 404: {}, 409: {}})
def post_build(desk: AtDesk, who: Builder, request: BuildRequest, response: Response) -> BuildState:
    """Have a plan built; asking again tells how far it is."""
    begun = begin(desk.node, who.token_hash, request.plan)
    if not begun.is_new:
        response.status_code = 200
    return begun.state


@ROUTES.get("/builds")
def get_builds(desk: AtDesk, who: Builder) -> BuildStates:
    """Return the newest builds of the plans of whoever asks."""
    return BuildStates(builds=list_builds(desk.node, who.token_hash))


@ROUTES.get("/builds/{sha256}", responses={404: {}})
def get_build(sha256: DigestInPath, desk: AtDesk, who: Builder) -> BuildState:
    """Tell how far the build of a plan is."""
    return read_build(desk.node, who.token_hash, sha256)


@ROUTES.delete(
    "/builds/{sha256}",
    status_code=202,
    responses={200: {"model": BuildState, "description": "It had ended"}, 404: {}},
)
def delete_build(
    sha256: DigestInPath, desk: AtDesk, who: Builder, response: Response
) -> BuildState:
    """Stop a build; one that has ended stays as it is."""
    state = stop(desk.node, who.token_hash, sha256)
    if state.reason != FaultCode.STOPPED:
        response.status_code = 200
    return state


@ROUTES.get("/datasets/{name}/{version}", responses=_GONE)
def get_dataset(
    name: NameInPath, version: VersionInPath, desk: AtDesk, who: Reader
) -> DatasetState:
    """Tell the state of a version; of one that was replaced, which one to use."""
    with desk.node.database.read() as connection:
        require_grant(connection, who, name, desk.node.now())
        found = find_version(connection, name, version)
        if found is None or found.state in {"replaced", "erased"}:
            found = readable(connection, name, version)
    return DatasetState.model_validate(
        {
            "name": found.name,
            "version": found.version,
            "state": found.state,
            "purpose": found.purpose,
            "manifest_sha256": found.manifest_sha256,
            "made_on": second(found.made_at),
        }
    )


@ROUTES.get(
    "/datasets/{name}/{version}/manifest",
    response_class=StreamingResponse,
    responses=_file(_JSON),
)
def get_manifest(
    name: NameInPath, version: VersionInPath, desk: AtDesk, who: Reader
) -> StreamingResponse:
    """Return the exact bytes of the manifest."""
    _read_under_grant(desk, who, name, version)
    return _sent(desk.node, dataset_key(name, version, _MANIFEST), _JSON)


@ROUTES.get(
    "/datasets/{name}/{version}/manifest.sig",
    response_class=StreamingResponse,
    responses=_file(_TEXT),
)
def get_manifest_signature(
    name: NameInPath, version: VersionInPath, desk: AtDesk, who: Reader
) -> StreamingResponse:
    """Return the builder's signature over the manifest."""
    _read_under_grant(desk, who, name, version)
    return _sent(desk.node, dataset_key(name, version, SIGNATURE), _TEXT)


@ROUTES.get(
    "/datasets/{name}/{version}/croissant",
    response_class=StreamingResponse,
    responses=_file(_LD),
)
def get_croissant(
    name: NameInPath, version: VersionInPath, desk: AtDesk, who: Reader
) -> StreamingResponse:
    """Return the card for machines."""
    _read_under_grant(desk, who, name, version)
    return _sent(desk.node, dataset_key(name, version, CROISSANT), _LD)


@ROUTES.get(
    "/datasets/{name}/{version}/shards/{sha256}",
    response_class=StreamingResponse,
    responses=_file(_BYTES),
)
def get_shard(
    name: NameInPath, version: VersionInPath, sha256: DigestInPath, desk: AtDesk, *, who: Reader
) -> StreamingResponse:
    """Return a file that the manifest names, unless its shard holds what has ended."""
    with desk.node.database.read() as connection:
        require_grant(connection, who, name, desk.node.now())
    key, size = file_of(desk.node, name, version, sha256)
    _read_under_grant(desk, who, name, version)
    return _sent(desk.node, key, _BYTES, size)


@ROUTES.get("/datasets/{name}/{version}/proofs", responses=_GONE)
def get_proofs(
    name: NameInPath,
    version: VersionInPath,
    desk: AtDesk,
    who: Reader,
    *,
    after: Annotated[str, Query(pattern="^([0-9a-f]{64})?$")] = "",
) -> EpisodeProofs:
    """Return a page of the statements and receipts that the manifest names."""
    _read_under_grant(desk, who, name, version)
    return proofs_of(desk.node, name, version, after)


@ROUTES.get("/datasets/{name}/{version}/notice", responses={403: {}, 404: {}})
def get_notice(name: NameInPath, version: VersionInPath, desk: AtDesk, who: Reader) -> Signed:
    """Return what the builder says to who has a version that was replaced."""
    node = desk.node
    with node.database.read() as connection:
        require_grant(connection, who, name, node.now())
        found = find_version(connection, name, version)
    read = [
        node.objects.read(dataset_key(name, version, path), max_bytes=_NOTICE_BYTES)
        for path in NOTICES
    ]
    content, signature = read
    if found is None or found.state not in {"replaced", "erased"} or not content or not signature:
        raise HubFault(FaultCode.NOT_FOUND, "that version was not replaced")
    return Signed(content=content.decode("ascii"), signature=signature.decode("ascii"))


def _read_under_grant(desk: Desk, who: Asker, name: str, version: int) -> None:
    """Refuse who has no grant, or what is not read; note the reading before a byte goes out."""
    node = desk.node
    with node.database.read() as connection:
        grant = require_grant(connection, who, name, node.now())
        readable(connection, name, version)
    note_reading(node, grant, version)


def _sent(node: Node, key: str, kind: str, size: int | None = None) -> StreamingResponse:
    pieces = node.objects.pieces(key)
    if pieces is None:
        raise DamagedError("the store lost a file of a data set")
    headers = {"Cache-Control": "no-store"}
    if size is not None:
        headers["Content-Length"] = str(size)
    return StreamingResponse(pieces, media_type=kind, headers=headers)
