"""People draw a code with their organisation's account, and send with it (make e2e-review).

The organisation's sign-in is other people's: the certified `oidc-provider`, in a real browser.
"""

from __future__ import annotations

import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from tests.e2e.test_hub_pages import hub_at
from tests.support.cli import signoff
from tests.support.deadline import deadline
from tests.support.review_browser import E2E, drive, need_tools
from tests.support.sign_off import put_episode, sign_at_terminal, small_episode

from signoff_collector.own_files.home import resolve_home

pytestmark = pytest.mark.review

SETTINGS = """
address = "{address}"
workers = 1
needs_enrolment = true
[organisation]
issuer = "{issuer}"
client_id = "signoff-hub"
secret_file = "keys/organisation.secret"
members = "developers"
auditors = "audit"
"""


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@contextmanager
def _organisation(back: str, secret: str) -> Iterator[str]:
    """Run the provider; yields its issuer."""
    tools, port = need_tools(), _free_port()
    argv = [tools / "bin" / "node", E2E / "provider.mjs", tools, str(port), back, secret]
    with subprocess.Popen(
        argv, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as provider:
        assert provider.stdout is not None
        try:
            assert provider.stdout.readline() == "listens\n"
            yield f"http://127.0.0.1:{port}"
        finally:
            provider.kill()


def _upload(episode: Path, address: str, said: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [
            *(sys.executable, "-I", "-m", "signoff_collector"),
            *("upload", str(episode), "--to", address, "--enrol"),
        ],
        input=said,
        capture_output=True,
        text=True,
        timeout=deadline(),
        check=False,
    )


def test_a_member_draws_a_code_and_sends_with_it(tmp_path: Path, home: Path) -> None:
    need_tools()
    home_of_test = resolve_home({"SIGNOFF_HOME": str(home)}).ensure()
    data, port, secret = tmp_path / "hub", _free_port(), secrets.token_hex(16)
    address = f"http://127.0.0.1:{port}"
    (data / "keys").mkdir(parents=True, mode=0o700)
    data.chmod(0o700)
    (data / "keys" / "organisation.secret").write_text(f"{secret}\n")
    (data / "keys" / "organisation.secret").chmod(0o600)
    with _organisation(f"{address}/pages/organisation/back", secret) as issuer:
        (data / "hub.toml").write_text(SETTINGS.format(address=address, issuer=issuer))
        (data / "hub.toml").chmod(0o600)
        with hub_at(data, listen=f"127.0.0.1:{port}") as served:
            assert served == address
            given = {"first": "h1", "other": issuer}
            result = drive("hub_organisation", f"{address}/", tmp_path / "out", given)
            code = str(result["code"])
            kept = result["kept"]  # all ports of the loopback share their cookies
            assert isinstance(kept, list)
            assert not any(str(name).startswith("signoff") for name in kept)
            episode = put_episode(home_of_test, small_episode())
            signed = sign_at_terminal(episode, "--to", address, "--owner", "mine", cwd=tmp_path)
            assert signed.code == 0, signed.out
            refused = signoff("upload", episode, "--to", address)
            assert refused.code == 14, refused
            assert "--enrol" in refused.err
            wrong = _upload(episode, address, "no code\n")
            assert wrong.returncode == 2, wrong.stderr
            unknown = _upload(episode, address, "0123456789abcdef\n")
            assert unknown.returncode == 14, unknown.stderr
            sent = _upload(episode, address, f"{code}\n")
            assert sent.returncode == 0, sent.stderr
            assert f"enrolled at {address}" in sent.stdout
            assert signoff("upload", episode, "--to", address).code == 0
