"""What builders and readers ask a hub: one method a question, in the name of one API token."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Final

from signoff_collector.consent.signatures.sshsig import MAX_SIGNATURE_BYTES
from signoff_collector.upload.hub.answers import not_a_hub, read_answer
from signoff_collector.upload.hub.authorities import authority_of
from signoff_collector.upload.hub.connection import HubConnection
from signoff_collector.upload.hub.problems import MAX_ANSWER_BYTES, HubRefusedError, error_of
from signoff_schemas.dataset import MAX_BYTES
from signoff_schemas.errors import NetworkError, ReceiverRefusedError
from signoff_schemas.hub_api import (
    BuildState,
    DatasetState,
    Drawn,
    EpisodeProofs,
    PlanRequest,
    PlanState,
    Signed,
)
from signoff_schemas.hub_log import MAX_PROOF_BYTES

if TYPE_CHECKING:
    from collections.abc import Callable

    from signoff_collector.consent.terms.audience import Audience
    from signoff_collector.own_files.home import Home
    from signoff_collector.upload.hub.connection import Answer

AGAIN_HINT: Final = "What came whole is kept: run the same command again."
_MAX_PAGE_BYTES: Final = 256 << 20
"""Of proofs: 100 statements of a mebibyte and their receipts."""
_MAX_NOTICE_BYTES: Final = 96 << 20
DRAW_S: Final = 3_600.0
"""For a plan, in one go; who waited in vain asks again later."""
_FIRST_PAUSE_S: Final = 0.1
_LONGEST_LOOK_S: Final = 10.0
_LONGEST_PAUSE_S: Final = 60.0
_MOST_PAUSES: Final = 60
_ANOTHER: Final = "Ask whoever runs the hub for a token with the scopes build and read."
_HINTS: Final = {
    "no_token": _ANOTHER,
    "scope": _ANOTHER,
    "grant": "Ask whoever runs the hub for a grant for this data set and its purpose, then run the"
    " same command again.",
    "k": "Promise what contributors ask for (leave --never out), ask for another purpose, or wait"
    " for more people.",
    "purpose": "`purposes` in the hub's terms (GET /v1/terms) are those it takes episodes for. A"
    " data set has one purpose: for another one give another --name.",
    "stale": "Draw the plan again: signoff dataset plan --from HUB",
    "other_versions": "Draw the plan again: signoff dataset plan --from HUB",
}
"""What helps after a code, in words of this command line."""


class HubDatasets:
    """One hub, and who asks it."""

    def __init__(
        self,
        audience: Audience,
        token: str,
        *,
        authority: bytes | None = None,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        """Look the way up; nothing is contacted.

        Args:
            audience: the hub's address.
            token: an API token; it goes into one header and nowhere else.
            authority: PEM, trusted besides what the system trusts.
            sleep: called with seconds, where the hub asks for patience.
        """
        self.audience: Final = audience
        self._connection = HubConnection(audience, root_certificate=authority, away_hint=AGAIN_HINT)
        self._token = token
        self._sleep = sleep

    @property
    def place(self) -> str:
        """Host and port, for messages."""
        return self._connection.place

    def pause(self, seconds: float) -> None:
        """Wait before asking again."""
        self._sleep(seconds)

    def draw(self, asked: PlanRequest) -> Drawn:
        """Have a plan drawn, and wait until it is.

        Raises:
            HubRefusedError: 403 `purpose` or `k`.
            ReceiverRefusedError: the hub gave it up.
            NetworkError: also 429 `quota`: a token may ask some times a day; or it is still at it
                after an hour.
        """
        body = asked.model_dump_json().encode("ascii")
        state = read_answer(self._once("POST", "/v1/plans", body), PlanState, self.place)
        name, waited_s, pause_s = state.asked, 0.0, _FIRST_PAUSE_S
        while state.state == "drawing" and state.asked == name:
            if waited_s >= DRAW_S:
                raise NetworkError(
                    f"the hub {self.place} is still drawing the plan",
                    hint="It goes on by itself: GET /v1/plans lists what it drew.",
                )
            self.pause(pause_s)
            waited_s += pause_s
            pause_s = min(_LONGEST_LOOK_S, pause_s * 2)
            found = self._ask("GET", f"/v1/plans/asked/{name}")
            state = read_answer(found, PlanState, self.place)
        if state.state == "failed":
            raise ReceiverRefusedError(
                f"the hub {self.place} gave the plan up: a fault of its own",
                hint="Ask whoever runs the hub, then run the same command again.",
            )
        drawn = state.plan
        if state.asked != name or drawn is None:
            raise not_a_hub(self.place, "it answered for another plan than the one asked for")
        if (drawn.name, drawn.purpose) != (asked.name, str(asked.purpose)):
            raise not_a_hub(self.place, "it drew another plan than the one asked for")
        return drawn

    def begin_build(self, plan_sha256: str) -> BuildState:
        """Have a plan built; asking again tells how far it is."""
        body = json.dumps({"plan": plan_sha256}).encode("ascii")
        return self._state(self._ask("POST", "/v1/builds", body), plan_sha256)

    def build_state(self, plan_sha256: str) -> BuildState:
        """Return how far a build is."""
        return self._state(self._ask("GET", f"/v1/builds/{plan_sha256}"), plan_sha256)

    def dataset(self, name: str, version: int) -> DatasetState:
        """Return the state of a version.

        Raises:
            HubRefusedError: 403 `grant`; 410 `replaced`, with `newer` where there is one.
        """
        state = read_answer(self._ask("GET", _path(name, version)), DatasetState, self.place)
        if (state.name, state.version) != (name, version):
            raise not_a_hub(self.place, "it answered for another data set than the one asked for")
        return state

    def manifest(self, name: str, version: int) -> tuple[bytes, bytes]:
        """Return the bytes of a manifest and of its signature, unread."""
        path = f"{_path(name, version)}/manifest"
        content = self._ask("GET", path, max_bytes=MAX_BYTES).body
        return content, self._ask("GET", f"{path}.sig", max_bytes=MAX_SIGNATURE_BYTES).body

    def proofs(self, name: str, version: int, after: str) -> EpisodeProofs:
        """Return a page of proofs, after an episode's digest."""
        path = f"{_path(name, version)}/proofs?after={after}"
        answer = self._ask("GET", path, max_bytes=_MAX_PAGE_BYTES)
        page = read_answer(answer, EpisodeProofs, self.place)
        digests = [one.sha256 for one in page.proofs]
        last = digests[-1] if digests else after
        is_in_order = digests == sorted(set(digests)) and all(one > after for one in digests)
        if not is_in_order or (page.next is not None and not after < page.next >= last):
            raise not_a_hub(self.place, "its pages of proofs are not in order")
        return page

    def file(
        self,
        name: str,
        version: int,
        sha256: str,
        size_bytes: int,
        into: Callable[[bytes], object],
    ) -> None:
        """Have `into` called with each piece of a file; it may be any bytes, and any number."""
        path = f"{_path(name, version)}/shards/{sha256}"
        self._ask("GET", path, max_bytes=max(size_bytes, MAX_ANSWER_BYTES), into=into)

    def notice(self, name: str, version: int) -> Signed:
        """Return what the builder says of a version that was replaced; nothing is checked."""
        path = f"{_path(name, version)}/notice"
        answer = self._ask("GET", path, max_bytes=_MAX_NOTICE_BYTES)
        return read_answer(answer, Signed, self.place)

    def leaf_proof(self, leaf: int) -> bytes:
        """Return what should prove that a signed head of the log has a leaf; it is not opened."""
        path = f"/v1/log/proof?leaf={leaf}"
        return self._ask("GET", path, max_bytes=2 * MAX_PROOF_BYTES).body

    def growth(self, first: int, second: int) -> bytes:
        """Return what should prove that the log of one size begins with that of another."""
        path = f"/v1/log/proof?first={first}&second={second}"
        return self._ask("GET", path, max_bytes=2 * MAX_PROOF_BYTES).body

    def _state(self, answer: Answer, plan_sha256: str) -> BuildState:
        state = read_answer(answer, BuildState, self.place)
        if state.plan != plan_sha256:
            raise not_a_hub(self.place, "it answered for another plan than the one asked for")
        return state

    def _ask(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        max_bytes: int = MAX_ANSWER_BYTES,
        into: Callable[[bytes], object] | None = None,
    ) -> Answer:
        """Ask, and as long as the hub says when to come again, come again."""
        pauses = 0
        while True:
            try:
                return self._once(method, path, body, max_bytes=max_bytes, into=into)
            except NetworkError as error:
                if not error.retry_after_s or pauses == _MOST_PAUSES:
                    raise
                pauses += 1
                self._sleep(min(error.retry_after_s, _LONGEST_PAUSE_S))

    def _once(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        max_bytes: int = MAX_ANSWER_BYTES,
        into: Callable[[bytes], object] | None = None,
    ) -> Answer:
        answer = self._connection.ask(
            method, path, body=body, max_bytes=max_bytes, token=self._token, into=into
        )
        if answer.status in (200, 201, 202):
            return answer
        error = error_of(answer, self.place, away_hint=AGAIN_HINT)
        if isinstance(error, HubRefusedError) and error.code in _HINTS:
            error.hint = _HINTS[error.code]
        raise error


def open_datasets(home: Home, audience: Audience, token: str) -> HubDatasets:
    """Return who asks a hub, trusting the authority that is kept for it; nothing is contacted."""
    return HubDatasets(audience, token, authority=authority_of(home, audience))


def _path(name: str, version: int) -> str:
    return f"/v1/datasets/{name}/{version}"
