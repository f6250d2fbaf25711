"""Withdrawals in a folder store, and refreshes of data sets, as the verb makes them."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from tests.support.datasets import (
    DAY,
    Person,
    authority_of,
    content_of,
    put_in_store,
    request,
    words,
)
from tests.support.datasets_built import SALT

from signoff_collector.consent.sign_off_files import SignOff
from signoff_collector.consent.signatures.sshsig import WITHDRAWAL
from signoff_collector.consent.withdrawal import Tombstone
from signoff_collector.episode.file.reader import read_episode
from signoff_collector.own_files.home import Home, resolve_home
from signoff_collector.upload.stores.layout import blob_key, sign_off_folder, tombstone_key
from signoff_datasets.building.builds import Build
from signoff_datasets.building.signing import HomeBuilder
from signoff_datasets.building.versions import versions_here
from signoff_datasets.building.workplace import Workplace
from signoff_datasets.engines.interface import Engine
from signoff_datasets.engines.serial import SerialEngine
from signoff_datasets.planning.choosing import choose
from signoff_datasets.planning.plans import draw
from signoff_datasets.refreshing.refreshes import Refresh, Refreshed
from signoff_datasets.screening.authority import Authority
from signoff_datasets.sources.opening import address_of, open_source
from signoff_schemas.dataset import DatasetPlan, canonical, digest_of, parse_plan
from signoff_schemas.statement import format_time, parse_statement, parse_time


def own_home() -> Home:
    return resolve_home({"SIGNOFF_HOME": os.environ["SIGNOFF_HOME"]}).ensure()


def withdraw(store: Path, content: bytes, sign_off: SignOff, by: Person) -> str:
    """Withdraw an episode from a folder store: a tombstone is all that stays of it."""
    sha256 = hashlib.sha256(content).hexdigest()
    predicate = parse_statement(sign_off.statement).predicate
    unsigned = Tombstone(
        sha256=sha256,
        record_id=predicate.record_id,
        handle=predicate.withdrawal.handle,
        withdrawn_on="2026-12-01",
    )
    signature = by.signature(unsigned.message, WITHDRAWAL).decode("ascii")
    place = store / tombstone_key(sha256)
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(unsigned.model_copy(update={"signature": signature}).encode())
    (store / blob_key(sha256)).unlink()
    shutil.rmtree(store / sign_off_folder(sha256))
    return sha256


def refreshed(
    folder: Path,
    plan: DatasetPlan,
    source: Path,
    people: Sequence[Person],
    out: Path,
    *,
    day: str = DAY,
    engine: Engine | None = None,
) -> tuple[Refreshed, DatasetPlan | None]:
    """Refresh a data set; return what came of it and the new plan, if there is one."""
    opened = open_source(address_of(str(source)))
    new_plan = out.with_name(f"{out.name}.plan.json")
    try:
        found = Refresh(
            folder=folder,
            plan=plan,
            source=opened,
            authority=authority_of(people, day),
            engine=SerialEngine() if engine is None else engine,
            day=parse_time(day),
            builder=HomeBuilder(own_home()),
        ).into(out, new_plan, lambda _done, _all: None)
    finally:
        opened.close()
    return found, parse_plan(new_plan.read_bytes()) if new_plan.exists() else None


def built_as(
    plan: DatasetPlan, source: Path, people: Sequence[Person], out: Path, like: Refreshed
) -> Path:
    """Build a plan from its episodes, as the version that a refresh made."""
    assert like.manifest is not None
    address = address_of(str(source))
    opened = open_source(address)
    place = Workplace(out, digest_of(plan))
    try:
        Build(
            plan=plan,
            address=address,
            source=opened,
            authority=authority_of(people),
            engine=SerialEngine(),
            now=parse_time(plan.request.as_of),
            builder=HomeBuilder(own_home()),
            version=like.manifest.version,
            previous=like.manifest.previous,
        ).into(place, lambda _done, _all: None)
    finally:
        place.close()
        opened.close()
    return place.out


@dataclass(kw_only=True)
class OwnSet:
    """A store of one person's episodes, data sets of it, and the home that builds them."""

    root: Path
    person: Person
    day: datetime
    contents: dict[str, bytes] = field(default_factory=dict[str, bytes])
    sign_offs: dict[str, SignOff] = field(default_factory=dict[str, SignOff])

    @property
    def store(self) -> Path:
        return self.root / "store"

    def at(self, root: Path) -> OwnSet:
        """Return the same in a copy of its folder."""
        return replace(self, root=root)

    def authority(self) -> Authority:
        return Authority(
            vouches=lambda _, key: key == self.person.public_key,
            void_because=lambda _: None,
            audience=None,
        )

    def add(self, number: int, **terms: object) -> str:
        content = content_of(number, text=words(("text", number)))
        sign_off = self.person.sign(content, **terms)
        digest = put_in_store(self.store, content, sign_off)
        self.contents[digest], self.sign_offs[digest] = content, sign_off
        return digest

    def withdraw(self, sha256: str) -> None:
        withdraw(self.store, self.contents[sha256], self.sign_offs[sha256], self.person)

    def plan(self, shard_bytes: int) -> DatasetPlan:
        asked = request(shard_bytes=shard_bytes, as_of=format_time(self.day))
        with closing(open_source(address_of(str(self.store)))) as source:
            chosen = choose(source, asked, self.authority(), SALT, lambda _done, _all: None)
        return draw("made", chosen, asked, salt=SALT, versions=versions_here())

    def build(self, plan: DatasetPlan, out: Path) -> None:
        address = address_of(str(self.store))
        out.with_name(f"{out.name}.plan.json").write_bytes(canonical(plan))
        place = Workplace(out, digest_of(plan))
        with closing(open_source(address)) as source, closing(place):
            Build(
                plan=plan,
                address=address,
                source=source,
                authority=self.authority(),
                engine=SerialEngine(),
                now=self.day,
                builder=HomeBuilder(self.home()),
            ).into(place, lambda _done, _all: None)

    def refresh(self, folder: Path, out: Path) -> Refreshed:
        plan = parse_plan(folder.with_name(f"{folder.name}.plan.json").read_bytes())
        new_plan = out.with_name(f"{out.name}.plan.json")
        with closing(open_source(address_of(str(self.store)))) as source:
            return Refresh(
                folder=folder,
                plan=plan,
                source=source,
                authority=self.authority(),
                engine=SerialEngine(),
                day=self.day,
                builder=HomeBuilder(self.home()),
            ).into(out, new_plan, lambda _done, _all: None)

    def home(self) -> Home:
        return resolve_home({"SIGNOFF_HOME": str(self.root / "signoff-home")}).ensure()


def own_set(root: Path, *, episodes: int, shards: int) -> OwnSet:
    """Make a store of episodes and `first`, a data set of all of them."""
    made = OwnSet(root=root, person=Person(number=1), day=parse_time(DAY))
    made.store.mkdir(parents=True)
    for number in range(episodes):
        made.add(number)
    size = max(map(len, made.contents.values()))
    made.build(made.plan(episodes // shards * size - size // 2), root / "first")
    return made


def texts_of(content: bytes) -> bytes:
    """Return every text of an episode: of its steps, its edits, its blobs and its header."""
    episode = read_episode(content)
    parts = [repr(step) for step in episode.steps]
    parts += [episode.edits.text, repr(episode.header)]
    return "\n".join(parts).encode("utf-8", "replace") + b"".join(episode.blobs)


def windows_of(own: bytes, others: bytes) -> list[bytes]:
    """Return each 16 bytes of a text that no other episode has."""
    windows = dict.fromkeys(own[at : at + 16] for at in range(len(own) - 15))
    return [window for window in windows if window not in others]
