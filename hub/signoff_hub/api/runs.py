"""Routes for readers: what a model was trained on, and what was replaced since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Depends

from signoff_hub.api.asking import AtDesk, Reader, RecordInPath, asker_with
from signoff_hub.api.uploading import second
from signoff_hub.building.runs import read_run, register_run
from signoff_hub.signing_in.tokens import Asker, Scope
from signoff_schemas.hub_api import Run, RunRequest

if TYPE_CHECKING:
    from signoff_hub.building.runs import KeptRun

ROUTES = APIRouter(prefix="/v1/runs", tags=["runs"])
_ReaderOrAuditor = Annotated[Asker, Depends(asker_with(Scope.READ, Scope.AUDIT))]


@ROUTES.post("", status_code=201, responses={404: {}})
def post_run(desk: AtDesk, who: Reader, request: RunRequest) -> Run:
    """Keep what a model is trained on; the same run again is kept once."""
    return _told(register_run(desk.node, who, request))


@ROUTES.get("/{run_id}", responses={404: {}})
def get_run(run_id: RecordInPath, desk: AtDesk, who: _ReaderOrAuditor) -> Run:
    """Tell how many shards of a run were replaced since, because something was taken back."""
    return _told(read_run(desk.node, who, run_id))


def _told(kept: KeptRun) -> Run:
    return Run(
        id=kept.id,
        **dict(kept.manifest),
        registered_on=second(kept.registered_at)[:10],
        replaced=kept.replaced,
    )
