"""What is asked of an episode beyond its terms, on really signed episodes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tests.support.datasets import DAY, Person, authority_of, put, request, shared_episode, words

from signoff_collector.episode.content import Episode
from signoff_collector.episode.file.writer import write_episode
from signoff_datasets.planning.choosing import Chosen, choose
from signoff_datasets.screening import checks as checks_module
from signoff_datasets.screening.checks import CHECKS, by_policy
from signoff_datasets.screening.contamination import literal_runs, winnowed
from signoff_datasets.screening.fingerprints import parse_fingerprints, write_fingerprints
from signoff_datasets.screening.policies import read_policy
from signoff_datasets.sources.opening import address_of, open_source
from signoff_schemas.header import Base
from signoff_schemas.statement import Purpose, Rights
from signoff_schemas.words import Owner

if TYPE_CHECKING:
    from signoff_datasets.screening.checks import Check

FOX = "\U0001f98a\U00010348"
EVERYONE = [Person(number=number) for number in range(3)]


def chosen(
    folder: Path, *, checks: tuple[tuple[str, Check], ...] = CHECKS, **changes: object
) -> Chosen:
    source = open_source(address_of(str(folder)))
    authority = authority_of(EVERYONE, DAY)
    asked = request(**changes)
    found = choose(source, asked, authority, words("s"), lambda _a, _b: None, checks=checks)
    source.close()
    return found


def put_episode(folder: Path, number: int, episode: Episode, **changes: object) -> None:
    content = write_episode(episode)
    purposes = (Purpose.MODEL_TRAINING, Purpose.RESEARCH)
    put(folder, f"e{number}", content, EVERYONE[0].sign(content, purposes=purposes, **changes))


def test_both_licences_are_asked_and_counted_by_their_reason(tmp_path: Path) -> None:
    def rights(licence: str) -> Rights:
        return Rights(
            basis=Owner.MINE,
            holder="contributor",
            repository_licence=licence,
            permission_reference=None,
        )

    for number, (own, repository) in enumerate(
        [("MIT", "ISC"), ("NOASSERTION", "MIT"), ("MIT", "GPL-3.0-only"), ("GPL-3.0-only", "MIT")]
    ):
        signed = {"licence": own, "rights": rights(repository)}
        put_episode(tmp_path, number, shared_episode(number), **signed)
    found = chosen(tmp_path, checks=(by_policy(read_policy("permissive")),))
    assert [one.licence for one in found.episodes.values()] == ["MIT"]
    assert found.left_out == {
        "licence-unnamed": 1,
        "repository-licence-not-allowed": 1,
        "licence-not-allowed": 1,
    }


def test_an_episode_of_a_benchmarks_repository_teaches_no_model(tmp_path: Path) -> None:
    plain = shared_episode(1)
    base = Base(repository="https://github.com/django/django.git")
    header = plain.header.model_copy(update={"base": base})
    put_episode(tmp_path, 1, replace(plain, header=header))
    assert chosen(tmp_path).left_out == {"benchmark-repository": 1}
    assert not chosen(tmp_path, purpose=Purpose.RESEARCH).left_out


def test_an_episode_that_shows_a_benchmarks_problem_teaches_no_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = " ".join(words(number, 9) for number in range(60))
    parts = {"statement": winnowed(literal_runs(problem))}
    empty = winnowed(literal_runs(""))
    made = write_fingerprints(
        {"Made/0": {"solution": empty, "tests": empty, "form": empty, **parts}},
        benchmark="Made",
        version="1",
        source="here",
        licence="CC0-1.0",
    )
    monkeypatch.setattr(checks_module, "shipped_fingerprints", lambda: (parse_fingerprints(made),))
    put_episode(tmp_path, 1, shared_episode(1, text=f"{FOX}\n{problem}\n"))
    put_episode(tmp_path, 2, shared_episode(2, text=FOX))
    assert chosen(tmp_path).left_out == {"benchmark-text": 1}
    assert len(chosen(tmp_path).episodes) == 1
    assert not chosen(tmp_path, purpose=Purpose.RESEARCH).left_out


def test_splits_of_a_plan_come_of_its_episodes(tmp_path: Path) -> None:
    put_episode(tmp_path, 1, shared_episode(1))
    assert not chosen(tmp_path).samples
    found = chosen(tmp_path, splits={"train": 900, "test": 100})
    (sample,) = found.samples
    (planned,) = found.episodes.values()
    assert (sample.sha256, sample.weight) == (planned.sha256, planned.size_bytes)
    assert (sample.contributor, sample.repository) == (planned.contributor, planned.repository)
    assert [one.sha256 for one in found.sketches] == [sample.sha256]
