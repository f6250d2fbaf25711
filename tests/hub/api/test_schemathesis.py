"""Schemathesis asks a served hub what its description allows, and what it does not.

Every answer has a status, a media type and a form that the description names; nothing is a fault of
the hub; what does not fit is refused. A longer run: SIGNOFF_CASES=200, another: SIGNOFF_SEED=N.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterator
from contextlib import suppress

import hypothesis
import pytest
import schemathesis
from hypothesis.strategies import SearchStrategy
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)
from tests.support.datasets import Person
from tests.support.hub_contract import document
from tests.support.hub_requests import served, signed_in
from tests.support.hubs import made_node, send, signed

from signoff_hub.signing_in.tokens import OTHERS, make_api_token

SEED = int(os.environ.get("SIGNOFF_SEED", "22"))
CASES = int(os.environ.get("SIGNOFF_CASES", "4"))
"""Of each way, for each route and each asker."""
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
RAW = {"application/octet-stream"}
"""Bodies of any bytes: there is nothing in them that would not fit."""
MUCH = "requests_per_minute = 1000000\nworkers = 1\n"


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """Serve a hub that holds something; gives its address and the header of each asker."""
    with made_node(tmp_path_factory.mktemp("asked") / "hub", MUCH) as node, served(node) as client:
        sent = signed(node, 1)
        send(node, sent)
        node.log.sign_head()
        api = make_api_token(node, "tests", OTHERS, 1)
        askers = {
            "contributor": signed_in(client, Person(number=1))["Authorization"],
            "operator": f"Bearer {api}",
        }
        yield str(client.base_url), askers


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


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
@pytest.mark.parametrize("who", ["contributor", "operator", "stranger"])
def test_what_is_described_is_what_is_answered(
    who: str, mode: GenerationMode, asked: tuple[str, dict[str, str]]
) -> None:
    address, askers = asked
    headers = {"Authorization": askers[who]} if who in askers else {}
    checks = list(CHECKS)
    if mode is GenerationMode.NEGATIVE and who != "stranger":
        checks.append(negative_data_rejection)
    print(f"seed {SEED}: SIGNOFF_SEED={SEED} asks the same again")  # noqa: T201
    faults: list[str] = []
    asked_for = 0
    for result in schemathesis.openapi.from_dict(document()).get_all_operations():
        operation = result.ok()
        cases = cases_of(operation.as_strategy(generation_mode=mode))
        for case in cases:
            wanted = [
                one
                for one in checks
                if one is not negative_data_rejection or case.media_type not in RAW
            ]
            asked_for += 1
            answer = case.call(base_url=address, headers=headers, timeout=60)
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    case.validate_response(answer, checks=wanted, headers=headers)
            except schemathesis.errors.SchemathesisError:
                raise
            except BaseExceptionGroup as group:
                faults += [f"{operation.label}: {one}" for one in group.exceptions]
    assert faults == []
    assert asked_for >= (20 if mode is GenerationMode.POSITIVE else 10)
