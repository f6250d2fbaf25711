"""Have a hub build one of its plans, and wait until it has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from signoff_collector.upload.hub.answers import not_a_hub
from signoff_datasets.hubs.answers import plan_faults, read_manifest
from signoff_schemas.errors import NetworkError, ReceiverRefusedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from signoff_collector.consent.hub_terms import KeptTerms
    from signoff_datasets.hubs.answers import Given
    from signoff_datasets.hubs.asking import HubDatasets
    from signoff_schemas.hub_api import BuildState
    from signoff_schemas.hub_plan import HubPlan

WAIT_S: Final = 3_600.0
"""In one go; who waited in vain asks again later."""
_FIRST_PAUSE_S: Final = 0.1
_LONGEST_PAUSE_S: Final = 10.0
_AGAIN: Final = "Draw the plan again: signoff dataset plan --from HUB"
_BECAUSE: Final = {
    "stale": ("an episode of the plan ended while it was built", _AGAIN),
    "other_versions": ("the hub has another release than when the plan was drawn", _AGAIN),
    "stopped": ("somebody stopped it", "Run the same command again to begin anew."),
}


def given_of(hub: HubDatasets, terms: KeptTerms, plan: HubPlan, state: BuildState) -> Given:
    """Return the manifest of what a hub built, once it is that of the plan.

    Raises:
        ReceiverRefusedError: it is of another plan, or of other wishes than were told.
        NetworkError: the hub is away.
    """
    given = read_manifest(hub, terms, state.name, state.version)
    faults = list(plan_faults(given.manifest, plan, state.built))
    if state.manifest_sha256 != given.sha256:
        faults.append("it is not the one that it said it built")
    if faults:
        raise not_a_hub(hub.place, f"its manifest is not that of the plan: {faults[0]}")
    return given


def built(hub: HubDatasets, plan: HubPlan, tell: Callable[[int, int], None]) -> BuildState:
    """Return the state of a plan's version, once the hub has built it.

    Raises:
        ReceiverRefusedError: it cannot be built, or was replaced since.
        NetworkError: the hub is away, or still at it after an hour.
    """
    state = hub.begin_build(plan.plan_sha256)
    waited_s, pause_s = 0.0, _FIRST_PAUSE_S
    while state.state == "building":
        if waited_s >= WAIT_S:
            raise NetworkError(
                f"the hub {hub.place} is still building",
                hint="It goes on by itself: run the same command again later.",
            )
        tell(0, 0)
        hub.pause(pause_s)
        waited_s += pause_s
        pause_s = min(_LONGEST_PAUSE_S, pause_s * 2)
        state = hub.build_state(plan.plan_sha256)
    if state.name != plan.asked.name:
        raise not_a_hub(hub.place, "it built another data set than the one asked for")
    if state.state == "ready":
        return state
    if state.state == "failed":
        why = state.reason or "no reason"
        fact, hint = _BECAUSE.get(why, (f"it gave the reason {why}", "Ask whoever runs the hub."))
        raise ReceiverRefusedError(
            f"the hub {hub.place} could not build {state.name}: {fact}", hint=hint
        )
    raise ReceiverRefusedError(
        f"version {state.version} of {state.name} was replaced: something of it was taken back or"
        " has expired",
        hint=_AGAIN,
    )
