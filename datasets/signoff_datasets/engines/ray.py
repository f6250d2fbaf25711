"""A Ray cluster that is there already: on this machine or on many, only the address differs."""

from __future__ import annotations

import os
import platform
import signal
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any, Final, TypeVar

from signoff_collector.system.extras import need
from signoff_datasets.engines.attempts import (
    Raised,
    Turns,
    attempt,
    pack,
    set_aside_raised,
    unpack,
)
from signoff_datasets.engines.interface import Done, SetAside
from signoff_schemas.errors import NetworkError, RefusedError

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence

Given = TypeVar("Given")
Made = TypeVar("Made")
Versions = dict[str, str]

_DEATHS: Final = (
    "WorkerCrashedError",
    "NodeDiedError",
    "LocalRayletDiedError",
    "OutOfMemoryError",
    "ObjectLostError",
)
"""What Ray raises where a worker or its node died, before or after the task had ended."""
_SETTINGS: Final = {
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_gcs_server_port_wait_time_s": "1",  # one attempt at an address, not twenty
    "RAY_py_gcs_connect_timeout_s": "5",
}
"""Read by Ray when it is first imported; what is set already stays."""
_BESIDE: Final = 2
"""Tasks sent for each processor of the cluster: one at work, one on its way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Other:
    """What a worker has whose versions are not those of the build."""

    versions: Versions


@dataclass(frozen=True, slots=True, kw_only=True)
class RayEngine:
    """Runs tasks on a Ray cluster; run it on one of its nodes."""

    address: str
    """`HOST:PORT` of the head, or `auto` where Ray's own settings name it."""

    def run(
        self, task: Callable[[Given], Made], inputs: Sequence[Given]
    ) -> Iterator[Done[Made] | SetAside]:
        """Yield what became of each input, as they end.

        A few tasks for each processor are under way at a time. Ray's own tries are switched off:
        which task is tried again, and when, is the same here as in a pool.

        Raises:
            NetworkError: the cluster cannot be reached, or Ray fails.
            RefusedError: a worker has other versions than this process.
        """
        with _connected(self.address) as ray:
            work = ray.remote(_work).options(max_retries=0, scheduling_strategy="SPREAD")
            shared = ray.put((pack(task), versions()))
            turns = Turns(count=len(inputs))
            sent: dict[Any, int] = {}
            while True:
                most = max(1, _BESIDE * int(ray.cluster_resources().get("CPU", 0)))
                while len(sent) < most and (index := turns.take(busy=bool(sent))) is not None:
                    try:
                        given = pack(inputs[index])
                    except Exception as error:  # noqa: BLE001  (of the input's own classes)
                        yield set_aside_raised(index, Raised(error=type(error).__name__))
                        continue
                    sent[work.remote(shared, given)] = index
                if not sent:
                    return
                ended, _ = ray.wait(list(sent), num_returns=1)
                index = sent.pop(ended[0])
                outcome = _outcome(ray, ended[0], index, turns)
                if outcome is not None:
                    yield outcome


def versions() -> Versions:
    """Return what decides the bytes of a task's result and has to be the same everywhere."""
    found = {"Python": platform.python_version()}
    for name in ("signoff", "pyarrow"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "none"
    return found


@contextmanager
def _connected(address: str) -> Generator[Any]:
    """Give the module of Ray, connected to a cluster until the end."""
    need("ray", what="The engine `ray`")
    for name, value in _SETTINGS.items():
        os.environ.setdefault(name, value)
    ray = import_module("ray")
    before = signal.getsignal(signal.SIGTERM)
    try:
        ray.init(
            address=address,
            logging_level="ERROR",
            log_to_driver=False,  # what workers print may come from an episode
        )
    except (ConnectionError, RuntimeError, TimeoutError, ValueError) as error:
        raise NetworkError(
            f"the Ray cluster at {address} cannot be reached ({type(error).__name__})",
            hint="Start it as docs/engines.md says, then name its address, such as 127.0.0.1:6379.",
        ) from error
    try:
        yield ray
    finally:
        ray.shutdown()
        signal.signal(signal.SIGTERM, before)  # Ray puts its own in its place


def _outcome(ray: Any, answer: Any, index: int, turns: Turns) -> Done[Any] | SetAside | None:  # noqa: ANN401
    """Return what became of a task, or None where it waits for another turn."""
    deaths = tuple(getattr(ray.exceptions, name) for name in _DEATHS)
    try:
        said: bytes | Raised | _Other = ray.get(answer)
    except deaths:
        return turns.died(index)
    except ray.exceptions.RayTaskError as error:  # before our first line ran
        raise RefusedError(
            "a worker of the cluster cannot load the code of this build",
            hint="Install the same versions of Signoff, with the extra `ray`, on every node.",
        ) from error
    except ray.exceptions.RayError as error:
        raise NetworkError(
            f"Ray failed in the middle of the build ({type(error).__name__})",
            hint="Look at its logs, then build again: what is whole stays.",
        ) from error
    if isinstance(said, _Other):
        ours = versions()
        there = [(name, said.versions.get(name), own) for name, own in ours.items()]
        differ = [f"{name} {its} there, {own} here" for name, its, own in there if its != own]
        raise RefusedError(
            f"a worker of the cluster has other versions: {'; '.join(differ)}",
            hint="Install the same on every node: others make other bytes of the same rows.",
        )
    return turns.answered(index, said)


def _work(shared: tuple[bytes, Versions], given: bytes) -> bytes | Raised | _Other:
    """Do one task in a worker."""
    task, wanted = shared
    if (found := versions()) != wanted:
        return _Other(versions=found)

    def run(sent: bytes) -> object:
        function: Callable[[object], object] = unpack(task)
        return function(unpack(sent))

    return attempt(run, given)
