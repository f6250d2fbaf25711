"""Run one scenario by hand: `.venv/bin/python editor_extensions/vscode/e2e/by_hand.py FILE.mjs`.

Makes a fresh account with a small project, installs the extension as built, runs the scenario and
leaves everything in a folder that it prints: pictures, logs, the account. `--enabled` enables the
project first; `--given JSON` is handed to the scenario.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3] / "tests"))

from tests.support.vscode import Account, tools_folder


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("scenario", type=Path)
    parser.add_argument("--enabled", action="store_true")
    parser.add_argument("--given", type=json.loads, default={})
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="signoff-vscode-"))
    account = Account(folder=folder, tools=tools_folder()).make()
    (account.project / "count.py").write_text("def count(items):\n    return 0\n")
    account.run("git", "add", ".")
    account.run("git", "commit", "-qm", "begin")
    if arguments.enabled:
        account.signoff("enable", "--yes", "--owner", "mine")
    account.signoff("setup", "vscode", "--yes")
    sys.stdout.write(f"everything lies in {folder}\n")
    try:
        result = account.drive(arguments.scenario.resolve(), given=arguments.given)
    except AssertionError as error:
        sys.stdout.write(f"failed: {error}\n")
        return 1
    sys.stdout.write(f"{json.dumps(result, indent=1)}\npictures: {folder / 'out'}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
