"""A process whose children work for a hub until they are killed: `python hub_victim.py`.

It imports everything once and forks for each line of JSON that it reads, so that a table of
crashes costs no start of an interpreter each. A line names the hub, what to do and the point at
which to die; several in one line run at once. Answers with how each ended.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

ROOT = Path(__file__).resolve().parents[2]
COMPONENTS = ("collector", "lsp_bridge", "schemas", "datasets", "hub", ".")


class Victims:
    """Asks the process for children."""

    def __init__(self, asked: IO[str], answered: IO[str]) -> None:
        self._asked = asked
        self._answered = answered

    def run(self, *orders: dict[str, object]) -> list[int]:
        """Run orders at once; return how each ended, as `subprocess` tells it."""
        self._asked.write(f"{json.dumps(orders)}\n")
        self._asked.flush()
        answer: list[int] = json.loads(self._answered.readline())
        return answer


@contextmanager
def victims() -> Iterator[Victims]:
    """Start the process."""
    path = os.pathsep.join(str(ROOT / name) for name in COMPONENTS)
    process = subprocess.Popen(
        [sys.executable, __file__],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": path, "SIGNOFF_HUB_DATABASE": "", "SIGNOFF_HUB_STORE": ""},
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield Victims(process.stdin, process.stdout)
    finally:
        process.stdin.close()
        process.wait(60)
        process.stdout.close()


def _work(order: dict[str, object]) -> None:
    from tests.support.datasets import Person
    from tests.support.hubs import Place, bad_content, content_of, send, sign

    from signoff_hub.admitting.admission import Admission, readers_of
    from signoff_hub.jobs.runner import Runner

    point = order.get("point")

    def probe(reached: str) -> None:
        if reached == point:
            os.kill(os.getpid(), signal.SIGKILL)

    place = Place(
        root=Path(str(order["root"])),
        database=_text(order, "database"),
        store=_text(order, "store"),
    )
    node = place.open(probe=probe)
    for number in json.loads(str(order["numbers"])):
        content = bad_content(number) if order.get("bad") else content_of(number)
        if order["does"] != "jobs":
            send(node, sign(node, Person(number=number), content))
    if order["does"] != "send":
        readers = readers_of(node)
        Runner(node=node, kinds={"admit": Admission(readers=readers)}).run_due()
        readers.close()
    node.close()


def _text(order: dict[str, object], name: str) -> str | None:
    value = order.get(name)
    return None if value is None else str(value)


def main() -> None:
    """Fork for each line until there are no more."""
    import tests.support.hubs

    import signoff_hub.admitting.admission

    assert tests.support.hubs, signoff_hub.admitting.admission
    for line in sys.stdin:
        children: list[int] = []
        for order in json.loads(line):
            child = os.fork()
            if not child:
                status = 1
                try:
                    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
                    os.dup2(2, 1)
                    _work(order)
                    status = 0
                except BaseException:  # noqa: BLE001  (told, and then the child ends)
                    import traceback

                    traceback.print_exc()
                finally:
                    os._exit(status)
            children.append(child)
        ended = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
        sys.stdout.write(f"{json.dumps(ended)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
