"""Requests to a hub as a client makes them, through its app or over a real socket."""

from __future__ import annotations

import ssl
from contextlib import closing, contextmanager
from threading import Thread
from typing import TYPE_CHECKING

import httpx
from tests.support.deadline import deadline, wait_until
from tests.support.hub_contract import listed_codes

from signoff_collector.consent.signatures.ssh_keygen import public_key_line
from signoff_collector.consent.signatures.sshsig import LOGIN
from signoff_hub.api.bodies import Pace
from signoff_hub.api.problems import MEDIA_TYPE
from signoff_hub.serving.listening import Listening, server_of

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.support.datasets import Person
    from tests.support.hubs import Sent
    from tests.support.tls import Certificates

    from signoff_hub.node.node import Node


def refuse_unlisted(answer: httpx.Response) -> None:
    """Fail where an answer says no with a code that its operation does not list."""
    kind = answer.headers.get("content-type", "")
    listed = listed_codes(answer.request.method, answer.request.url.path, answer.status_code)
    if kind.startswith(MEDIA_TYPE) and listed is not None and answer.read():
        code = answer.json()["code"]
        assert code in listed, f"{answer.request.method} {answer.request.url.path}: {code}"


@contextmanager
def served(
    node: Node,
    *,
    pace: Pace = Pace(),  # noqa: B008  (frozen)
    is_behind_proxy: bool = False,
    tls: Certificates | None = None,
) -> Generator[httpx.Client]:
    """Serve a node on a free port of the loopback; yields who asks it."""
    listening = Listening(
        host="127.0.0.1",
        port=0,
        certificate=None if tls is None else tls.certificate,
        key=None if tls is None else tls.key,
        is_behind_proxy=is_behind_proxy,
    )
    trusted = True if tls is None else ssl.create_default_context(cafile=str(tls.authority))
    with closing(listening.bind()) as listener:
        server = server_of(node, listening, pace)
        thread = Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        wait_until(lambda: server.started, "the hub listens")
        try:
            with httpx.Client(
                base_url=listening.address(listener),
                timeout=deadline(),
                trust_env=False,
                verify=trusted,
                event_hooks={"response": [refuse_unlisted]},
            ) as client:
                yield client
        finally:
            server.should_exit = True
            thread.join(deadline())


def answer_to(challenge: dict[str, str], person: Person, namespace: str = LOGIN) -> dict[str, str]:
    """Return what a key answers to a challenge."""
    message = f"{LOGIN}\n{challenge['receiver']}\n{challenge['nonce']}\n".encode("ascii")
    return {
        "nonce": challenge["nonce"],
        "public_key": public_key_line(person.public_key),
        "signature": person.signature(message, namespace).decode("ascii"),
    }


def signed_in(client: httpx.Client, person: Person) -> dict[str, str]:
    """Sign somebody in; returns the header that says so."""
    challenge = client.post("/v1/challenges").json()
    told = client.post("/v1/tokens", json=answer_to(challenge, person))
    assert told.status_code == 201, told.text
    return {"Authorization": f"Bearer {told.json()['token']}"}


def put_sign_off(client: httpx.Client, sent: Sent, who: dict[str, str]) -> httpx.Response:
    """Send a sign-off."""
    body = {
        "statement": sent.sign_off.statement.decode("ascii"),
        "signature": sent.sign_off.signature.decode("ascii"),
    }
    return client.put(f"/v1/sign-offs/{sent.statement_sha256}", json=body, headers=who)
