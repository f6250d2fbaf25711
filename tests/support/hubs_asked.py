"""A hub that is asked as a person asks it: by the verbs, at its own address, with an API token."""

from __future__ import annotations

from contextlib import closing, contextmanager
from dataclasses import dataclass
from threading import Thread
from typing import TYPE_CHECKING

from tests.support.cli import Said, signoff
from tests.support.clock import FakeClock
from tests.support.datasets import Person
from tests.support.deadline import deadline, wait_until
from tests.support.hub_datasets import granted
from tests.support.hubs import content_of, sign
from tests.support.hubs_ended import admitted

from signoff_hub.node.node import Node, open_node
from signoff_hub.place.hub_folder import open_hub_folder
from signoff_hub.serving.listening import Listening, server_of
from signoff_hub.signing_in.tokens import Scope, make_api_token
from signoff_schemas.dataset import DatasetPlan, parse_plan
from signoff_schemas.hub_plan import HubPlan, parse_hub_plan

if TYPE_CHECKING:
    from collections.abc import Generator, Iterable
    from pathlib import Path

    from tests.support.hubs import Sent

    from signoff_collector.consent.terms.audience import Audience

CANARY = "kanarienvogel \U0001f426\U00010348 "
"""Stands in what each person shares, with their number behind it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedHub:
    """A hub that listens, and a reader of it who may build too."""

    node: Node
    clock: FakeClock
    token: str

    @property
    def address(self) -> Audience:
        return self.node.address

    def ask(self, *words: object, **environment: str) -> Said:
        """Run `signoff dataset …` in the name of the reader."""
        return signoff("dataset", *words, **{"SIGNOFF_HUB_TOKEN": self.token, **environment})

    def plan(self, out: Path, *words: object) -> Said:
        """Have a plan drawn."""
        return self.ask(
            "plan", "--from", self.address, "--purpose", "model-training", "--name", "made",
            "-o", out, *words,
        )  # fmt: skip

    def grant(self) -> None:
        """Let the reader have the data set."""
        granted(self.node, "made", self.token)

    def built(self, plan: Path, out: Path) -> None:
        """Draw, build and fetch a data set, with a grant once there is something to grant."""
        self.built_there(plan, out)
        said = self.ask("build", plan, "-o", out)
        assert said.code == 0, said

    def built_there(self, plan: Path, out: Path) -> None:
        """Draw a plan, have it built, and get a grant for what came of it."""
        drawn = self.plan(plan)
        assert drawn.code == 0, drawn
        refused = self.ask("build", plan, "-o", out)
        assert refused.code == 14, refused
        assert "(grant)" in refused.err
        assert "hint: Ask whoever runs the hub for a grant" in refused.err
        assert list(out.parent.glob(f".{out.name}*")) == []
        self.grant()

    def plan_itself(self, file: Path) -> tuple[HubPlan, DatasetPlan]:
        """Return a plan as the reader has it, and as the hub keeps it."""
        named = parse_hub_plan(file.read_bytes())
        key = f"plans/{named.plan_sha256[:2]}/{named.plan_sha256}.json"
        pieces = self.node.objects.pieces(key)
        assert pieces is not None
        return named, parse_plan(b"".join(pieces))


@contextmanager
def asked_hub(root: Path) -> Generator[AskedHub]:
    """Serve a hub that is called by the address at which it listens; one process builds."""
    folder = open_hub_folder(root)
    (root / "hub.toml").write_text("workers = 1\n", "utf-8")
    listening = Listening(
        host="127.0.0.1", port=0, certificate=None, key=None, is_behind_proxy=False
    )
    clock = FakeClock()
    with closing(listening.bind()) as listener:
        node = open_node(folder, clock=clock, address=listening.address(listener))
        server = server_of(node, listening)
        thread = Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        wait_until(lambda: server.started, "the hub listens")
        try:
            token = make_api_token(node, "reader", (Scope.BUILD, Scope.READ), 30)
            yield AskedHub(node=node, clock=clock, token=token)
        finally:
            server.should_exit = True
            thread.join(deadline())
            node.close()


def share_canaries(node: Node, numbers: Iterable[int]) -> dict[int, Sent]:
    """Have people share an episode each, with a text that is theirs alone."""
    made: dict[int, Sent] = {}
    for number in numbers:
        content = content_of(number, f"{CANARY}{number:03d} ")
        made[number] = sign(node, Person(number=number), content)
        admitted(node, made[number])
    return made
