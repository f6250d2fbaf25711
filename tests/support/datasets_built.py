"""Plans and builds of data sets, as the verb makes them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from tests.support.datasets import DAY, Person, authority_of, request, words

from signoff_collector.own_files.home import resolve_home
from signoff_datasets.building.builds import Build
from signoff_datasets.building.signing import HomeBuilder
from signoff_datasets.building.versions import versions_here
from signoff_datasets.building.workplace import Workplace
from signoff_datasets.engines.interface import Engine
from signoff_datasets.engines.serial import SerialEngine
from signoff_datasets.planning.choosing import choose
from signoff_datasets.planning.plans import draw
from signoff_datasets.sources.opening import address_of, open_source
from signoff_schemas.dataset import DatasetPlan, digest_of
from signoff_schemas.statement import parse_time

SALT = words("salt")


def plan_of(
    folder: Path, people: Sequence[Person], *, is_own: bool = False, **changes: object
) -> DatasetPlan:
    """Return the plan of what lies in a folder or a store."""
    asked = request(**changes)
    source = open_source(address_of(str(folder)))
    chosen = choose(
        source, asked, authority_of(people, is_own=is_own), SALT, lambda _done, _all: None
    )
    source.close()
    return draw("made", chosen, asked, salt=SALT, versions=versions_here())


def built(
    plan: DatasetPlan,
    folder: Path,
    people: Sequence[Person],
    out: Path,
    *,
    day: str = DAY,
    is_own: bool = False,
    engine: Engine | None = None,
) -> Path:
    """Build a plan; return the folder of the data set."""
    address = address_of(str(folder))
    source = open_source(address)
    place = Workplace(out, digest_of(plan))
    try:
        build = Build(
            plan=plan,
            address=address,
            source=source,
            authority=authority_of(people, day, is_own=is_own),
            engine=SerialEngine() if engine is None else engine,
            now=parse_time(day),
            builder=HomeBuilder(
                resolve_home({"SIGNOFF_HOME": os.environ["SIGNOFF_HOME"]}).ensure()
            ),
        )
        build.into(place, lambda _done, _all: None)
    finally:
        place.close()
        source.close()
    return place.out


def files_of(folder: Path) -> dict[str, bytes]:
    """Return every file by its path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
