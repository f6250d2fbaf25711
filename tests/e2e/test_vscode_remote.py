"""`signoff setup` on the far side of a remote window: real servers of VS Code, no stand-ins."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.support.vscode import LAUNCHER, SCENARIOS, Account, need_tools, retried

from signoff_collector import __version__

pytestmark = pytest.mark.vscode

OURS = f"signoff.signoff-vscode@{__version__}"


@pytest.fixture
def account(tmp_path: Path) -> Iterator[Account]:
    made = Account(folder=tmp_path, tools=need_tools()).make()
    yield made
    made.end_programs()


def put_server(account: Account, place: Path, node: str) -> Path:
    """Lay the server out as its own installers do: its parts, and the Node it runs on."""
    parts = account.tools / "node_modules" / "code-server" / "lib" / "vscode"
    place.mkdir(parents=True)
    for part in parts.iterdir():
        if part.name == "bin":
            shutil.copytree(part, place / "bin", symlinks=True)
        else:
            (place / part.name).symlink_to(part)
    (place / node).symlink_to(account.tools / "bin" / "node")
    return place / "bin"


def setup(account: Account, *, verb: str = "setup") -> list[dict[str, object]]:
    """Run a verb as in a login over SSH: none of the editors is on PATH."""
    argv = ["env", "PATH=/usr/bin:/bin", str(LAUNCHER), verb, "--yes", "--json"]
    said = account.run(*argv, *(["vscode"] if verb == "setup" else []))
    return [json.loads(line) for line in said.stdout.splitlines()]


@pytest.mark.parametrize("layout", ["bin/{0}", "cli/servers/Stable-{0}/server"])
def test_a_server_gets_it_without_a_window_and_keeps_it_over_an_update(
    account: Account, layout: str
) -> None:
    servers = account.user / ".vscode-server-oss"
    old = put_server(account, servers / layout.format("0" * 40), "node") / "code-server-oss"
    rows = setup(account)
    assert [row["state"] for row in rows if row.get("editor") == "vscode"] == ["changed"]
    assert OURS in account.run(str(old), "--list-extensions", "--show-versions").stdout
    new = put_server(account, servers / layout.format("1" * 40), "node") / "code-server-oss"
    shutil.rmtree(servers / layout.format("0" * 40))
    rows = setup(account)
    assert [row["state"] for row in rows if row.get("editor") == "vscode"] == ["unchanged"]
    setup(account, verb="uninstall")
    assert OURS not in account.run(str(new), "--list-extensions", "--show-versions").stdout


@retried
def test_a_window_whose_server_lies_elsewhere_installs_it_from_its_terminal(
    account: Account, tmp_path: Path
) -> None:
    del tmp_path
    (account.project / "a.py").write_text("a = 1\n")
    place = account.folder / "elsewhere" / "lib" / "vscode"
    lent = put_server(account, place, "../node") / "remote-cli"
    said = account.user / "said"
    line = f"PATH={lent}:/usr/bin:/bin {LAUNCHER} setup vscode --yes >{said} 2>&1"
    account.drive(SCENARIOS / "remote.mjs", given={"lines": [line]})
    assert "this window: extension signoff.signoff-vscode" in said.read_text()
    assert f"{lent}{os.sep}code-server --install-extension" in said.read_text()
    assert OURS in account.run("code-server", "--list-extensions", "--show-versions").stdout
    account.signoff("enable", "--yes", "--owner", "mine")
    account.drive(SCENARIOS / "remote.mjs", given={"lines": [], "status": "Signoff"})
