"""Where a node listens, and how it begins and ends as a person runs it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from tests.support.deadline import deadline

from signoff_hub.serving.listening import Listening
from signoff_schemas.errors import NotFoundError, RefusedError, UsageError


def listening(host: str, **changes: object) -> Listening:
    known: dict[str, object] = {
        "host": host,
        "port": 0,
        "certificate": None,
        "key": None,
        "is_behind_proxy": False,
    }
    return Listening(**{**known, **changes})  # type: ignore[arg-type]  # fields by name


@pytest.mark.parametrize("host", ["::", "192.0.2.1", "hub.example"])
def test_beyond_this_machine_nothing_is_taken_in_plain_http(host: str) -> None:
    with pytest.raises(RefusedError):
        listening(host).bind()


def test_a_proxy_in_front_may_speak_tls() -> None:
    with pytest.raises(
        UsageError, match="cannot be listened on"
    ):  # allowed, but not this machine's
        listening("192.0.2.1", is_behind_proxy=True).bind()


def test_a_certificate_that_is_not_there_is_told(tmp_path: Path) -> None:
    none = tmp_path / "none"
    with pytest.raises(NotFoundError):
        listening("192.0.2.1", certificate=none, key=none).bind()


def test_an_address_that_is_taken_is_told() -> None:
    with closing(listening("127.0.0.1").bind()) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(UsageError):
            listening("127.0.0.1", port=port).bind()


def test_a_hub_is_served_and_ends_when_it_is_told(tmp_path: Path) -> None:
    argv = [
        sys.executable,
        "-m",
        "signoff_collector",
        "hub",
        "serve",
        "--data",
        str(tmp_path / "hub"),
        "--json",
    ]
    for _ in range(2):
        with subprocess.Popen(
            [*argv, "--listen", "127.0.0.1:0"], stdout=subprocess.PIPE, text=True
        ) as hub:
            assert hub.stdout is not None
            told = json.loads(hub.stdout.readline())
            answer = httpx.get(f"{told['listening']}/readyz", trust_env=False, timeout=deadline())
            assert answer.status_code == 200
            hub.send_signal(signal.SIGTERM)
            assert hub.wait(deadline()) == 0
    assert (tmp_path / "hub").stat().st_mode & 0o777 == 0o700
