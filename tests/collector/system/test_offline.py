"""Sealing where nothing can be sent."""

from __future__ import annotations

import socket
import subprocess
import sys

import pytest
from tests.support.seal_sessions import LIMIT_S

_TRY = """
import socket, sys
from signoff_collector.system.hardening import harden
from signoff_collector.system.offline import is_offline, leave_network
harden()
import os
before = os.geteuid(), os.getegid()
if not leave_network():
    sys.exit(77)
assert is_offline() and leave_network()
assert (os.geteuid(), os.getegid()) == before
try:
    socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=5).close()
except OSError:
    sys.exit(0)
sys.exit(1)
"""


def test_a_process_that_left_the_network_reaches_no_port_of_this_machine() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = str(listener.getsockname()[1])
        result = subprocess.run(
            [sys.executable, "-c", _TRY, port], capture_output=True, timeout=LIMIT_S, check=False
        )
    if result.returncode == 77:
        pytest.skip("this system allows no empty network namespace")
    assert result.returncode == 0, result.stderr


def test_a_process_with_a_network_is_not_called_offline() -> None:
    from signoff_collector.system.offline import is_offline

    with socket.create_server(("127.0.0.1", 0)) as listener:
        try:
            socket.create_connection(listener.getsockname(), timeout=5).close()
        except OSError:
            pytest.skip("the tests themselves run without a network")
    assert not is_offline()
