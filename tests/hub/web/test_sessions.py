"""Signing in to the pages: by a code, by a token, once, for a while, and from these pages alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select, update
from tests.support.clock import FakeClock
from tests.support.datasets import Person
from tests.support.hub_pages import SAME_SITE, enter, enter_as, page_code, shown
from tests.support.hub_requests import served, signed_in
from tests.support.hubs import ADDRESS, made_node

from signoff_collector.consent.signatures.sshsig import fingerprint
from signoff_hub.database.tables import ACCOUNT, TOKEN
from signoff_hub.node.node import Node
from signoff_hub.signing_in.accounts import revoke_key
from signoff_hub.signing_in.page_sessions import CODE_HOLDS_S, SESSION_HOLDS_S
from signoff_hub.signing_in.tokens import Scope, make_api_token, revoke_api_tokens

LOOPBACK = 'address = "http://127.0.0.1:8443"\nworkers = 1\n'
SOMEBODY = Person(number=1)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def node(tmp_path: Path, clock: FakeClock) -> Iterator[Node]:
    with made_node(tmp_path / "hub", LOOPBACK, clock=clock) as made:
        yield made


@pytest.fixture
def client(node: Node) -> Iterator[httpx.Client]:
    with served(node) as made:
        yield made


def cookie_of(client: httpx.Client) -> str:
    """Return the session that a client holds."""
    (value,) = [one.value for one in client.cookies.jar]
    assert value is not None
    return value


def test_a_code_opens_the_pages_of_its_key_once(client: httpx.Client) -> None:
    code = page_code(client, SOMEBODY)
    first = client.post("/pages/enter", data={"code": code}, headers=SAME_SITE)
    assert first.status_code == 303
    assert "Nothing of yours is here." in shown(client.get("/pages/mine")).text
    client.cookies.clear()
    again = client.post("/pages/enter", data={"code": code}, headers=SAME_SITE)
    page = shown(again, 410)
    assert "signoff uses --open" in page.text
    assert code not in again.text
    assert "set-cookie" not in again.headers


def test_a_code_and_a_session_are_over_in_time(client: httpx.Client, clock: FakeClock) -> None:
    code = page_code(client, SOMEBODY)
    clock.advance(CODE_HOLDS_S)
    shown(client.post("/pages/enter", data={"code": code}, headers=SAME_SITE), 410)
    enter(client, SOMEBODY)
    clock.advance(SESSION_HOLDS_S - 1)
    shown(client.get("/pages/mine"))  # looking does not make it longer
    clock.advance(1)
    assert "Nobody is signed in" in shown(client.get("/pages/mine"), 401).text


def test_neither_code_nor_session_is_good_for_the_api(client: httpx.Client) -> None:
    code = page_code(client, SOMEBODY)
    enter(client, SOMEBODY)
    for secret in (code, cookie_of(client)):
        answer = client.get("/v1/mine", headers={"Authorization": f"Bearer {secret}"})
        assert answer.status_code == 401


def test_no_token_is_good_as_a_session(client: httpx.Client, node: Node) -> None:
    enter(client, SOMEBODY)
    (cookie,) = client.cookies.jar
    bearer = signed_in(client, SOMEBODY)["Authorization"].removeprefix("Bearer ")
    for token in (bearer, make_api_token(node, "task", (Scope.AUDIT,), 1), "", "x" * 3_000):
        held = {"Cookie": f"{cookie.name}={token}"}
        answer = httpx.get(f"{client.base_url}/pages/mine", headers=held, trust_env=False)
        shown(answer, 401)


def test_only_hashes_are_kept(client: httpx.Client, node: Node) -> None:
    code = page_code(client, SOMEBODY)
    enter(client, SOMEBODY)
    with node.database.read() as connection:
        rows = str(connection.execute(select(TOKEN)).all())
    assert code not in rows
    assert cookie_of(client) not in rows


def test_a_session_that_was_planted_is_never_taken_over(client: httpx.Client) -> None:
    enter(client, SOMEBODY)
    (planted,) = client.cookies.jar
    before = planted.value
    enter(client, Person(number=2))
    assert cookie_of(client) != before  # a new one, and the old one has ended
    held = {"Cookie": f"{planted.name}={before}"}
    shown(httpx.get(f"{client.base_url}/pages/mine", headers=held, trust_env=False), 401)


def test_who_signs_out_is_out(client: httpx.Client) -> None:
    enter(client, SOMEBODY)
    (cookie,) = client.cookies.jar
    answer = client.post("/pages/sign-out", headers=SAME_SITE)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    assert not list(client.cookies.jar)
    held = {"Cookie": f"{cookie.name}={cookie.value}"}
    shown(httpx.get(f"{client.base_url}/pages/mine", headers=held, trust_env=False), 401)


def test_what_ends_a_key_ends_its_pages(client: httpx.Client, node: Node) -> None:
    enter(client, SOMEBODY)
    code = page_code(client, SOMEBODY)
    revoke_key(node, fingerprint(SOMEBODY.public_key))
    shown(client.get("/pages/mine"), 401)
    shown(client.post("/pages/enter", data={"code": code}, headers=SAME_SITE), 410)


def test_a_closed_account_has_no_pages(client: httpx.Client, node: Node) -> None:
    enter(client, SOMEBODY)
    with node.database.write() as connection:
        connection.execute(update(ACCOUNT).values(state="closed"))
    shown(client.get("/pages/mine"), 401)


def test_what_ends_a_token_ends_its_pages(
    client: httpx.Client, node: Node, clock: FakeClock
) -> None:
    enter_as(client, node, Scope.AUDIT, name="auditor-1")
    shown(client.get("/pages/log"))
    revoke_api_tokens(node, "auditor-1")
    shown(client.get("/pages/log"), 401)
    client.cookies.clear()
    token = make_api_token(node, "auditor-2", (Scope.AUDIT,), 1)
    clock.advance(86_400 - 60)  # a minute before the token ends
    client.post("/pages/sign-in", data={"token": token}, headers=SAME_SITE)
    shown(client.get("/pages/log"))
    clock.advance(60)
    shown(client.get("/pages/log"), 401)


@pytest.mark.parametrize("place", ["/pages/enter", "/pages/sign-in", "/pages/sign-out"])
@pytest.mark.parametrize(
    "said",
    [
        {},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://127.0.0.1:8443"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:8443"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "null"},
        {"Origin": "https://elsewhere.example"},
        {"Origin": "http://127.0.0.1:8444"},
    ],
)
def test_a_form_of_another_site_is_not_taken(
    client: httpx.Client, place: str, said: dict[str, str]
) -> None:
    enter(client, SOMEBODY)
    fields = {"code": page_code(client, SOMEBODY), "token": "x"}
    answer = client.post(place, data=fields, headers=said)
    shown(answer, 403)
    assert "set-cookie" not in answer.headers
    shown(client.get("/pages/mine"))  # still who it was


def test_an_older_browser_says_its_origin(client: httpx.Client) -> None:
    said = {"Origin": "http://127.0.0.1:8443"}
    code = page_code(client, SOMEBODY)
    answer = client.post("/pages/enter", data={"code": code}, headers=said)
    assert answer.status_code == 303


def test_the_cookie_is_for_this_hub_alone(client: httpx.Client) -> None:
    code = page_code(client, SOMEBODY)
    answer = client.post("/pages/enter", data={"code": code}, headers=SAME_SITE)
    said = answer.headers["set-cookie"].lower()
    assert "httponly" in said
    assert "samesite=strict" in said
    assert "path=/;" in f"{said};"
    assert f"max-age={SESSION_HOLDS_S}" in said
    assert "secure" not in said  # the loopback has no TLS
    assert "domain" not in said


def test_on_tls_the_cookie_is_secure_and_bound_to_its_host(tmp_path: Path) -> None:
    assert ADDRESS.startswith("https:")
    with made_node(tmp_path / "hub", "workers = 1\n") as node, served(node) as client:
        code = page_code(client, SOMEBODY)
        answer = client.post("/pages/enter", data={"code": code}, headers=SAME_SITE)
        said = answer.headers["set-cookie"]
        assert said.startswith("__Host-signoff=")
        assert "secure" in said.lower()
        assert answer.headers["location"] == "/team/pages/mine"  # the proxy takes the folder off


@pytest.mark.parametrize("scopes", [(Scope.BUILD,), (Scope.READ,), (Scope.BUILD, Scope.READ)])
def test_a_token_without_pages_opens_none(
    client: httpx.Client, node: Node, scopes: tuple[Scope, ...]
) -> None:
    token = make_api_token(node, "builder", scopes, 30)
    answer = client.post("/pages/sign-in", data={"token": token}, headers=SAME_SITE)
    assert "opens no pages" in shown(answer, 403).text
    assert token not in answer.text


def test_a_contributors_token_and_nonsense_open_none(client: httpx.Client) -> None:
    bearer = signed_in(client, SOMEBODY)["Authorization"].removeprefix("Bearer ")
    for token in (bearer, "nonsense", "", "<b>", "é" * 200):
        answer = client.post("/pages/sign-in", data={"token": token}, headers=SAME_SITE)
        page = shown(answer, 403)
        assert "b" not in [name for name, _ in page.tags]


def test_forms_that_are_none_are_refused(client: httpx.Client) -> None:
    many = "&".join(f"f{n}=1" for n in range(50))
    for body, status in (
        (b"code=" + b"x" * 9_000, 413),
        (b"\xff\xfe", 400),
        (many.encode(), 400),
    ):
        shown(client.post("/pages/enter", content=body, headers=SAME_SITE), status)
