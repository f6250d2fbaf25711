"""The described API: it is the file's, says all answers, bounds its input, asks for nobody."""

from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from tests.support.hub_contract import (
    FILE,
    RENEW,
    Operation,
    document,
    operations,
    schemas,
    written,
)
from tests.support.hub_requests import refuse_unlisted
from tests.support.hubs import made_node

from signoff_hub.api.app import make_app
from signoff_hub.api.contract import OWN_CODES
from signoff_hub.place.faults import FaultCode
from signoff_schemas.untyped import fields_of, items_of

SOMEBODY = re.compile(
    r"account|author|contributor|developer|e_?mail|fingerprint|key|login|member|person|people"
    r"|pseudonym|repo|sender|signer|subject|team|user|(first|full|last|real)_?name|\bwho\b",
    re.IGNORECASE,
)
"""Words of names by which somebody, or what is somebody's, could be asked for or told apart."""
NAMES_NOBODY = {
    "TokenRequest.public_key": "the asker's own key, which proves itself and gets a token",
    "EnrolmentRequest.public_key": "the asker's own key, which proves itself and is enrolled",
}
"""Fields with such a word, and why it is no way to ask about others."""
FREE_TEXT = {
    "SignOffRequest.statement": "exact bytes, at most 1 MiB: their own reader says what they are",
}
"""Strings that may be sent in without a pattern, and why."""


@pytest.fixture(scope="module")
def said() -> dict[str, object]:
    return document()


@pytest.fixture(scope="module")
def asked(said: dict[str, object]) -> list[Operation]:
    return list(operations(said))


def _parameters(asked: list[Operation]) -> list[tuple[str, str, dict[str, object]]]:
    found: list[tuple[str, str, dict[str, object]]] = []
    for one in asked:
        for parameter in items_of(one.said.get("parameters")):
            held = fields_of(parameter)
            found.append((one.name, str(held["name"]), fields_of(held["schema"])))
    return found


def _fields(said: dict[str, object]) -> dict[str, dict[str, object]]:
    """Return every field of every model, as `Model.field`."""
    models = fields_of(fields_of(said["components"])["schemas"])
    return {
        f"{model}.{name}": fields_of(schema)
        for model, held in models.items()
        for name, schema in fields_of(fields_of(held).get("properties")).items()
    }


def _sent(said: dict[str, object], asked: list[Operation]) -> set[str]:
    """Return the models that come in with a request, and those within them."""
    models = fields_of(fields_of(said["components"])["schemas"])
    waiting = [str(one.said.get("requestBody")) for one in asked]
    found: set[str] = set()
    while waiting:
        for name in re.findall(r"#/components/schemas/(\w+)", waiting.pop()):
            if name not in found:
                found.add(name)
                waiting.append(str(models[name]))
    return found


def _alternatives(schema: dict[str, object]) -> list[dict[str, object]]:
    return [fields_of(one) for one in items_of(schema.get("anyOf"))] or [schema]


def _is_bounded(schema: dict[str, object]) -> bool:
    """Tell whether a string has a form and an end, a list and a number an end."""
    match schema.get("type"):
        case "string" if "enum" not in schema and "const" not in schema:
            pattern = str(schema.get("pattern", ""))
            is_whole = pattern.startswith("^") and pattern.endswith("$")
            is_endless = re.search(r"[*+]|\{\d+,\}", re.sub(r"\[[^\]]*\]|\\.", "", pattern))
            return is_whole and (is_endless is None or "maxLength" in schema)
        case "array":
            return "maxItems" in schema and _is_bounded(fields_of(schema.get("items")))
        case "integer" | "number":
            low, high = {"minimum", "exclusiveMinimum"}, {"maximum", "exclusiveMaximum"}
            return bool(low & schema.keys()) and bool(high & schema.keys())
        case _:
            return True


def test_the_file_is_what_the_app_says(said: dict[str, object]) -> None:
    assert FILE.is_file(), f"run {RENEW}"
    assert FILE.read_text("utf-8") == written(said), f"docs/hub/openapi.json is old: run {RENEW}"


def test_every_route_says_what_it_does_and_all_that_it_answers(asked: list[Operation]) -> None:
    codes = {code.value for code in FaultCode} | {"broken"}
    for one in asked:
        summary, answers = str(one.said["summary"]), fields_of(one.said["responses"])
        assert summary.count(" ") >= 3, f"{one.name}: its docstring says too little"
        assert {"429", "500", "503"} <= answers.keys(), one.name
        assert any(status.startswith("2") for status in answers), one.name
        assert all(status.isdecimal() for status in answers), f"{one.name}: a range tells nothing"
        for status, answer in answers.items():
            told = str(fields_of(answer)["description"])
            assert told, f"{one.name}: {status}"
            if status >= "4":
                named = set(told.partition(": ")[2].split(", "))
                assert named <= codes, f"{one.name}: {status} has no code"


def test_each_route_lists_the_codes_that_it_can_answer_and_no_others(
    asked: list[Operation],
) -> None:
    assert OWN_CODES.keys() <= {one.name for one in asked}, "a row of no operation"
    said = {
        one.name: {
            int(status): str(fields_of(answer)["description"]).partition(": ")[2]
            for status, answer in fields_of(one.said["responses"]).items()
            if status >= "4"
        }
        for one in asked
    }
    assert all(codes for answers in said.values() for codes in answers.values())
    assert said["POST /v1/withdrawals"][403] == "proof"
    assert said["GET /v1/log/proof"][404] == "not_found"
    assert "bad_signature" in said["POST /v1/tokens"][401]
    assert said["POST /v1/tokens"][422] == "bad_request"
    assert 403 not in said["POST /v1/challenges"]
    for name, own in OWN_CODES.items():
        told = {code for codes in said[name].values() for code in codes.split(", ")}
        assert own <= told, name


def test_an_answer_with_a_code_that_is_not_listed_is_refused_by_the_tests() -> None:
    def answer(code: str) -> httpx.Response:
        asked = httpx.Request("POST", "http://hub/v1/withdrawals")
        kind = {"content-type": "application/problem+json"}
        return httpx.Response(403, json={"code": code}, headers=kind, request=asked)

    refuse_unlisted(answer("proof"))
    with pytest.raises(AssertionError, match="audience"):
        refuse_unlisted(answer("audience"))


def test_every_parameter_has_a_form_and_an_end(asked: list[Operation]) -> None:
    loose = [
        f"{route}: {name}"
        for route, name, schema in _parameters(asked)
        for one in _alternatives(schema)
        if not _is_bounded(one)
    ]
    assert loose == []


def test_every_field_that_comes_in_has_a_form_and_an_end(
    said: dict[str, object], asked: list[Operation]
) -> None:
    sent = _sent(said, asked)
    assert {"TokenRequest", "SignOffRequest", "WithdrawalRequest"} <= sent
    loose = {
        name
        for name, schema in _fields(said).items()
        for one in _alternatives(schema)
        if name.partition(".")[0] in sent and not _is_bounded(one)
    }
    assert loose == FREE_TEXT.keys()


def test_no_field_is_left_open_for_more(said: dict[str, object], asked: list[Operation]) -> None:
    models = fields_of(fields_of(said["components"])["schemas"])
    for name in _sent(said, asked):
        model = fields_of(models[name])
        assert "enum" in model or model.get("additionalProperties") is False, name


def test_nothing_can_be_asked_or_told_by_person_key_or_repository(
    said: dict[str, object], asked: list[Operation]
) -> None:
    names = {f"{route}: {name}" for route, name, _ in _parameters(asked)}
    names |= {part for one in asked for part in one.path.split("/") if not part.startswith("{")}
    names |= set(_fields(said))
    found = {one for one in names if SOMEBODY.search(one.rpartition(".")[2].rpartition(": ")[2])}
    assert found == NAMES_NOBODY.keys()


@pytest.mark.parametrize(
    "planted", ["contributor", "by_key", "repository", "userId", "account", "public_key"]
)
def test_a_planted_parameter_by_person_would_be_found(planted: str) -> None:
    assert SOMEBODY.search(planted)


@pytest.mark.parametrize(
    "loose",
    [
        {"type": "string"},
        {"type": "string", "pattern": "^[a-z]+$"},
        {"type": "string", "pattern": "[a-z]{1,5}"},
        {"type": "string", "maxLength": 5},
        {"type": "integer", "minimum": 0},
        {"type": "array", "items": {"type": "integer", "minimum": 0, "maximum": 1}},
    ],
)
def test_a_planted_loose_field_would_be_found(loose: dict[str, object]) -> None:
    assert not _is_bounded(loose)


def test_what_the_file_refers_to_is_there(said: dict[str, object]) -> None:
    models = fields_of(fields_of(said["components"])["schemas"])
    for way, schema in schemas(said):
        if "$ref" in schema:
            assert str(schema["$ref"]).rpartition("/")[2] in models, way


def test_it_is_made_once_however_often_it_is_asked_for(tmp_path: Path) -> None:
    with made_node(tmp_path / "hub") as node:
        app = make_app(node)
        assert app.openapi() is app.openapi()
