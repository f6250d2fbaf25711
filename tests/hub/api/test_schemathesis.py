"""Schemathesis asks a served hub what its description allows, and what it does not.

Every answer has a status, a media type, headers and a form that the description names; every no is
a problem; nothing is a fault of the hub; what does not fit is refused. Each question is put by
nobody, by a forged token and by tokens of each scope, about what is there and about what is not.
A longer run: SIGNOFF_CASES=200, another: SIGNOFF_SEED=N.
"""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import httpx
import hypothesis
import pytest
import schemathesis
from hypothesis.strategies import SearchStrategy
from pydantic import ValidationError
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from tests.support.clock import FakeClock
from tests.support.hub_contract import METHODS, document, operations
from tests.support.hub_datasets import PURPOSE, TERMS, bearer, granted, reader
from tests.support.hub_requests import served, signed_in
from tests.support.hubs import made_node, signed
from tests.support.hubs_built import PEOPLE, SALT, asked, manifest_of, run_builds, share
from tests.support.hubs_ended import admitted, by_key

from signoff_hub.building.asked_plans import ask_plan
from signoff_hub.building.builds import begin
from signoff_hub.building.plans import draw_plan
from signoff_hub.node.node import Node
from signoff_hub.signing_in.tokens import CONTRIBUTOR, OTHERS, Scope, who_asks
from signoff_hub.withdrawing.withdrawals import withdraw
from signoff_schemas.hub_api import Problem
from signoff_schemas.untyped import fields_of, items_of

pytestmark = pytest.mark.slow

SEED = int(os.environ.get("SIGNOFF_SEED", "22"))
CASES = int(os.environ.get("SIGNOFF_CASES", "3"))
"""Of each way, for each route."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
RAW = {"application/octet-stream"}
"""Bodies of any bytes: there is nothing in them that would not fit."""
MUCH = "requests_per_minute = 1000000\nworkers = 1\n"
NOT_MADE = {
    "GET /v1/statistics/{snapshot}": "a quarter is frozen when it is over",
    "GET /v1/datasets/{name}/{version}/notice": "only of a version that was replaced",
}
"""Questions to which this hub has no yes, and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Somebody who asks."""

    headers: dict[str, str] = field(default_factory=dict[str, str])
    scopes: frozenset[Scope] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A hub that is served and holds something."""

    client: httpx.Client
    askers: Mapping[str, Asker]
    known: Mapping[str, Mapping[str, object]]
    """What is there: by path, what to ask for."""


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Asked]:
    place = tmp_path_factory.mktemp("asked") / "hub"
    with made_node(place, MUCH, clock=FakeClock()) as node:
        sent = share(node, range(1, PEOPLE + 1))[1]
        gone = signed(node, 50)
        admitted(node, gone)
        record = withdraw(node, by_key(gone)).record_id
        tokens = {scope: reader(node, scope.value, scope) for scope in OTHERS}
        reader(node, "other")
        builder = who_asks(node, tokens[Scope.BUILD]).token_hash
        plan = _data_set(node, builder)
        question = ask_plan(node, builder, asked(name="more")).asked
        granted(node, "made", tokens[Scope.READ], Scope.READ.value)
        node.log.publish()
        shard = manifest_of(node).files[0].sha256
        version = {"name": "made", "version": 1}
        known: dict[str, Mapping[str, object]] = {
            "/v1/blobs/{sha256}": {"sha256": sent.sha256},
            "/v1/blobs/{sha256}/parts": {"sha256": sent.sha256},
            "/v1/contains/{sha256}": {"sha256": sent.sha256},
            "/v1/sign-offs/{statement_sha256}": {"statement_sha256": sent.statement_sha256},
            "/v1/withdrawals/{record_id}": {"record_id": record},
            "/v1/plans/{sha256}": {"sha256": plan},
            "/v1/plans/asked/{asked}": {"asked": question},
            "/v1/builds/{sha256}": {"sha256": plan},
            "/v1/datasets/{name}/{version}": version,
            **{
                f"/v1/datasets/{{name}}/{{version}}/{part}": version
                for part in ("manifest", "manifest.sig", "croissant", "proofs")
            },
            "/v1/datasets/{name}/{version}/shards/{sha256}": {**version, "sha256": shard},
            "/v1/log/tiles/{path}": {"path": f"heads/{node.log.newest_head().head.size}.json"},
            "/v1/log/proof": {"leaf": 0},
        }
        with served(node) as client:  # from here on its own workers take the jobs
            known["/v1/grants/{grant_id}"] = {"grant_id": _grant(client, tokens[Scope.OPERATE])}
            known["/v1/runs/{run_id}"] = {"run_id": _run(client, tokens[Scope.READ], shard)}
            contributor = signed_in(client, sent.person)
            askers = {
                "nobody": Asker(),
                "forged": Asker(headers=bearer("x" * 43)),
                "contributor": Asker(headers=contributor, scopes=frozenset(CONTRIBUTOR)),
            }
            for scope, token in tokens.items():
                askers[scope.value] = Asker(headers=bearer(token), scopes=frozenset({scope}))
            yield Asked(client=client, askers=askers, known=known)


def _data_set(node: Node, builder: str) -> str:
    """Build a data set; returns its plan."""
    plan = draw_plan(node, builder, asked(), salt=SALT).sha256
    begin(node, builder, plan)
    run_builds(node)
    return plan


def _grant(client: httpx.Client, operator: str) -> str:
    """Give a second reader a grant, which may be revoked; returns its id."""
    grant = {
        "token": "other",
        "dataset": "made",
        "purpose": PURPOSE,
        "terms_sha256": TERMS,
        "expires_at": "2099-01-01T00:00:00Z",
    }
    told = client.post("/v1/grants", json=grant, headers=bearer(operator))
    assert told.status_code == 201, told.text
    return str(told.json()["id"])


def _run(client: httpx.Client, who: str, shard: str) -> str:
    """Register a training run; returns its id."""
    run = {"dataset": "made", "shards": [shard], "order_seed": "1", "code_sha256": "0" * 64}
    told = client.post("/v1/runs", json=run, headers=bearer(who))
    assert told.status_code == 201, told.text
    return str(told.json()["id"])


def cases_of(strategy: SearchStrategy[schemathesis.Case]) -> list[schemathesis.Case]:
    """Return a few cases, the same each time; none where everything fits."""
    cases: list[schemathesis.Case] = []

    @hypothesis.seed(SEED)
    @hypothesis.settings(
        max_examples=CASES,
        deadline=None,
        database=None,
        suppress_health_check=list(hypothesis.HealthCheck),
        phases=[hypothesis.Phase.generate],
    )
    @hypothesis.given(strategy)
    def made(case: schemathesis.Case) -> None:
        cases.append(case)

    with suppress(hypothesis.errors.Unsatisfiable):
        made()
    return cases[:CASES]


@dataclass(slots=True)
class Inquiry:
    """All questions of one kind, and what was wrong with the answers."""

    hub: Asked
    mode: GenerationMode
    faults: list[str] = field(default_factory=list[str])
    answered: dict[str, set[int]] = field(default_factory=dict[str, set[int]])

    def ask(self, case: schemathesis.Case, asker: Asker, *, wanted: frozenset[str]) -> None:
        """Put one question; `wanted` are the scopes of which one is needed, none for anybody."""
        label = case.operation.label
        may = not wanted or bool(wanted & asker.scopes)
        checks = list(CHECKS)
        if self.mode is GenerationMode.NEGATIVE and may and case.media_type not in RAW:
            checks.append(negative_data_rejection)
        address = str(self.hub.client.base_url)
        answer = case.call(base_url=address, headers=asker.headers, timeout=60)
        self.answered.setdefault(label, set()).add(answer.status_code)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                case.validate_response(answer, checks=checks, headers=asker.headers)
        except schemathesis.errors.SchemathesisError:
            raise
        except BaseExceptionGroup as group:
            self.faults += [f"{label}: {one}" for one in group.exceptions]
        code = ""
        if answer.status_code >= 400 and case.method.upper() != "HEAD":
            code = self._code(label, answer.status_code, answer.content)
        if self.mode is GenerationMode.POSITIVE:
            self._judge(label, answer.status_code, code, asker, may=may)

    def _code(self, label: str, status: int, content: bytes) -> str:
        try:
            told = Problem.model_validate_json(content)
        except ValidationError:
            self.faults.append(f"{label}: {status} is no problem: {content[:200]!r}")
            return ""
        if told.status != status:
            self.faults.append(f"{label}: {status} says of itself that it is {told.status}")
        return told.code

    def _judge(self, label: str, status: int, code: str, asker: Asker, *, may: bool) -> None:
        """See that who may ask is not sent away, and who may not is."""
        if may and (status == 401 or code == "scope"):
            is_answer_to_a_challenge = not asker.headers or label.startswith("POST /v1/")
            if code not in {"bad_nonce", "bad_signature"} or not is_answer_to_a_challenge:
                self.faults.append(f"{label}: {status} {code} for who may ask")
        if not may and status != (403 if asker.scopes else 401):
            self.faults.append(f"{label}: {status} {code} for who may not ask")


def scopes_of(said: Mapping[str, object]) -> frozenset[str]:
    """Return the scopes of which an operation needs one."""
    return frozenset(
        str(scope)
        for one in items_of(said.get("security"))
        for scopes in fields_of(one).values()
        for scope in items_of(scopes)
    )


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
def test_what_is_described_is_what_is_answered(mode: GenerationMode, hub: Asked) -> None:
    print(f"seed {SEED}: SIGNOFF_SEED={SEED} asks the same again")  # noqa: T201
    said = document()
    wanted = {one.name: scopes_of(one.said) for one in operations(said)}
    inquiry = Inquiry(hub=hub, mode=mode)
    for result in schemathesis.openapi.from_dict(said).get_all_operations():
        operation = result.ok()
        cases = cases_of(operation.as_strategy(generation_mode=mode))
        scopes = wanted[operation.label]
        for asker in hub.askers.values():
            may = not scopes or scopes & asker.scopes
            for case in cases if may else cases[:1]:
                inquiry.ask(case, asker, wanted=scopes)
        if mode is GenerationMode.POSITIVE and cases and operation.path in hub.known:
            case = cases[0]
            is_query = "{" not in operation.path
            (case.query if is_query else case.path_parameters).update(hub.known[operation.path])
            for asker in hub.askers.values():
                inquiry.ask(case, asker, wanted=scopes)
    assert not inquiry.faults, "\n\n".join(inquiry.faults)
    if mode is GenerationMode.NEGATIVE:
        assert len(inquiry.answered) > 10
        return
    assert inquiry.answered.keys() == wanted.keys()
    reads = {name for name in wanted if name.startswith(("GET ", "HEAD "))}
    no_yes = {name for name in reads if not any(one < 300 for one in inquiry.answered[name])}
    assert no_yes == NOT_MADE.keys()


def test_a_method_that_no_address_takes_is_refused_with_those_that_it_takes(hub: Asked) -> None:
    said = document()
    for path, taken in fields_of(said["paths"]).items():
        place = re.sub(r"\{\w+\}", "1", path)
        known = {one.upper() for one in fields_of(taken)}
        for method in {one.upper() for one in METHODS} - known:
            answer = hub.client.request(method, place)
            assert answer.status_code == 405, f"{method} {path}"
            assert set(answer.headers["allow"].split(", ")) == known, f"{method} {path}"
            if method != "HEAD":
                assert answer.headers["content-type"] == "application/problem+json"
                assert Problem.model_validate_json(answer.content).code == "bad_request"
