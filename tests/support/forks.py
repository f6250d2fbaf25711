"""A stand-in for an editor's command-line program: installs a `.vsix` as VS Code's own does.

The real one is driven by `make e2e-vscode`; this one is for accounts where it is not installed.
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.support.setup import put

_PROGRAM = """\
#!{python} -I
import json, os, sys, zipfile
from pathlib import Path
folder = Path({folder!r})
table = folder / "extensions.json"
rows = json.loads(table.read_text()) if table.exists() else []
with open({log!r}, "a") as log:
    log.write(json.dumps([sys.argv[1:], dict(os.environ)]) + "\\n")
if Path({log!r} + ".refuses").exists():
    sys.exit("You are trying to start it as a super user")
match sys.argv[1:]:
    case ["--list-extensions", "--show-versions"]:
        for row in rows:
            print(row["identifier"]["id"] + "@" + row["version"])
    case ["--install-extension", package, "--force"]:
        said = json.loads(zipfile.ZipFile(package).read("extension/package.json"))
        name = said["publisher"] + "." + said["name"]
        rows = [row for row in rows if row["identifier"]["id"] != name]
        rows.append({{"identifier": {{"id": name}}, "version": said["version"]}})
        folder.mkdir(parents=True, exist_ok=True)
        table.write_text(json.dumps(rows))
    case ["--uninstall-extension", name]:
        rows = [row for row in rows if row["identifier"]["id"] != name]
        table.write_text(json.dumps(rows))
    case _:
        sys.exit(9)
"""


def put_fork(programs: Path, name: str, extensions: Path) -> Path:
    """Put a program of this name there; it keeps its list in `extensions`."""
    log = programs.parent / f"{name}.log"
    text = _PROGRAM.format(python=sys.executable, folder=str(extensions), log=str(log))
    return put(programs / name, text.encode(), mode=0o755)
