"""`apply(plan, episode)`: compute the episodes that may be shared; a pure function."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from signoff_collector.episode.imported import imported_of
from signoff_collector.episode.moments.tree_hash import with_tree_hashes
from signoff_collector.redaction.strings.step_strings import map_strings
from signoff_collector.redaction.writing.bursts import flatten_bursts
from signoff_collector.redaction.writing.numbering import build_episode
from signoff_collector.redaction.writing.rewriting import Entry, Fate, Rewritten, rewrite
from signoff_collector.review.applying.base_walk import BaseWalk
from signoff_collector.review.applying.coarse_times import coarsen
from signoff_collector.review.applying.environment import trim_environments
from signoff_collector.review.applying.notes import check_notes, notes_of, with_notes
from signoff_collector.review.applying.renumbering import renumber
from signoff_collector.review.applying.selection import Selection, check_files, select
from signoff_collector.review.applying.titles import with_title
from signoff_collector.review.base_tree.choosing import carried
from signoff_collector.review.base_tree.step import with_tree
from signoff_collector.review.plan.masked_values import masked_values
from signoff_collector.review.plan.plan_edits import steps_of
from signoff_collector.review.plan.plan_masks import masks_of
from signoff_collector.review.plan.plan_strings import PlanStrings
from signoff_schemas.errors import UsageError
from signoff_schemas.header import Base, EpisodeHeader
from signoff_schemas.plan import Plan, plan_bytes
from signoff_schemas.steps import AnyStep, EnvironmentStep, StepBase

if TYPE_CHECKING:
    from collections.abc import Mapping

    from signoff_collector.episode.content import Edit, Episode
    from signoff_collector.redaction.texts.texts import Key
    from signoff_collector.review.base_tree.tree import BaseTree


def apply(plan: Plan, episode: Episode, tree: BaseTree | None = None) -> list[Episode]:
    """Return one shared episode per keep of the plan, in the plan's order.

    Deterministic: the same plan, episode and base tree give the same result. Nothing from outside
    the keeps enters the result, neither in text, times, numbers nor hashes; the only exception is
    the files that `with_base` includes.

    Raises:
        UsageError: the plan names a step, file or task that the episode does not have, or a
            base tree that is not the one given.
    """
    base = BaseWalk(episode)
    return [apply_keep(plan, base, place, tree).episode for place in range(len(plan.keeps))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entered:
    """A text whose last changes were made by steps left out of the keep."""

    seq: int
    """The last omitted step, in the base episode."""
    path: str
    key: Key
    """Key of the text in the base episode, after that step."""
    text: str
    """The part of it that enters the keep, after all masks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """Result of applying the plan to one keep."""

    episode: Episode
    entered: tuple[Entered, ...]
    placeholders: Mapping[str, str]
    """Placeholder in the result to the placeholder that sealing put into the base episode."""


def apply_keep(plan: Plan, base: BaseWalk, place: int, tree: BaseTree | None = None) -> Applied:
    """Return the shared episode of one keep.

    Args:
        plan: names the keep; its cuts, masks and choices.
        base: the first sealed episode.
        place: index of the keep in the plan.
        tree: files of the base commit that may be included, for a plan that asks for them.

    Raises:
        UsageError: there is no such keep, nothing is left of it, or the plan names what the
            episode does not have.
    """
    if not 0 <= place < len(plan.keeps):
        raise UsageError(f"the plan has no keep {place}; it has {len(plan.keeps)}")
    episode, keep = base.episode, plan.keeps[place]
    check_files(plan, base.paths)
    check_notes(plan, base)
    selection = select(plan, base, keep)
    notes = notes_of(plan, base, selection)
    along = carried(plan, base, selection, tree)
    masks = masks_of(plan, base, selection, along.as_opened)
    strings = PlanStrings(plan, masks.labels, _seed(plan, place))
    rewritten = rewrite(
        episode,
        masks.masks,
        strings.rule,
        fate_of=selection.fate_of,
        has_text=selection.has_text,
        start=base.start(selection.first, selection.last),
        known={file.path for file in along.files},
    )
    entries = _with_environment(episode, selection, strings, rewritten)
    if masks.has_new:
        entries, _ = flatten_bursts(entries, episode.files)
    entries = coarsen(entries, plan.time_resolution)
    said = partial(strings.said, masked=_masked_if_said(plan, base, place))
    entries = with_notes(notes, entries, lambda note: said(note.text, of=f"note {note.after_seq}"))
    entries = with_title(keep, entries, lambda title: said(title, of="title"))
    entries = with_tree(entries, along, rewritten.blobs)
    paths = {path: strings.plain(path) for path in episode.files if selection.has_text(path)}
    shown_files = [paths.get(path, path) for path in episode.files]
    cut = frozenset(strings.plain(path) for path in selection.cut_paths)
    entries, files, evidence = renumber(
        entries,
        shown_files,
        episode.edits.evidence_sets,
        cut,
        names_repository=plan.name_repository is not None,
    )
    day = _day_of(base, selection.first) if plan.wall_clock else None
    header = _header(plan, episode.header, strings, day)
    result = build_episode(header, files, entries, rewritten.blobs.contents, evidence, dense=True)
    if not plan.whole_environment:
        result = trim_environments(result)
    finished = _with_check(with_tree_hashes(result), strings)
    entered = tuple(
        Entered(seq=one.seq, path=rewritten.path_of(one.key), key=one.key, text=one.shown)
        for one in sorted(set(rewritten.entered))
    )
    return Applied(episode=finished, entered=entered, placeholders=masks.labels.originals())


def _seed(plan: Plan, place: int) -> bytes:
    """Return the seed of the pseudonyms of one keep; no other keep of any plan has it.

    It hangs on the plan's random seed and on the steps of the keep alone: a decision about one task
    does not change the bytes of another, which may have been looked at, or signed.
    """
    steps = [steps_of(keep) for keep in plan.keeps[: place + 1]]
    same = steps[:-1].count(steps[-1])
    only = Plan(base_sha256=plan.base_sha256, seed=plan.seed, keeps=(steps[-1],))
    return hashlib.sha256(b"signoff shared episode\0%d\0" % same + plan_bytes(only)).digest()


def _masked_if_said(plan: Plan, base: BaseWalk, place: int) -> list[str]:
    """Return the values that words of the person must not repeat; none where there are no words."""
    is_said = plan.keeps[place].title is not None or bool(plan.notes)
    return masked_values(plan, base) if is_said else []


def _with_environment(
    episode: Episode, selection: Selection, strings: PlanStrings, rewritten: Rewritten
) -> list[Entry]:
    """Prepend the environment steps that the entries refer to, from before the keep."""
    entries = rewritten.entries
    if "environment" in selection.cut_kinds or not entries:
        return entries
    wanted = {e.step.env for e in entries if isinstance(e.step, StepBase)} - {None}
    wanted -= {e.step.env for e in entries if isinstance(e.step, EnvironmentStep)}
    known = {
        step.env: step
        for step in episode.steps
        if isinstance(step, EnvironmentStep)
        and step.env in wanted
        and selection.fate_of(step) is Fate.LEFT_OUT
    }
    first: AnyStep | Edit = entries[0].step
    brought: list[Entry] = []
    for step in known.values():
        shown = map_strings(step, partial(strings.rule, step))
        moved = shown.model_copy(update={"t_ns": first.t_ns})
        brought.append(Entry(step=moved))
    return brought + entries


def _day_of(base: BaseWalk, seq: int) -> str | None:
    """Return the day (UTC) of a step, which may be later than that of the session."""
    header = base.episode.header
    if header.started_wall_ns is None:
        return header.captured_on
    second = (header.started_wall_ns + int(base.times[seq])) // 1_000_000_000
    try:
        return datetime.fromtimestamp(second, UTC).date().isoformat()
    except (OverflowError, ValueError, OSError):  # a clock that no calendar has
        return header.captured_on


def _header(
    plan: Plan, header: EpisodeHeader, strings: PlanStrings, day: str | None
) -> EpisodeHeader:
    """Return the header without fields that reveal the rest of the session."""
    kept = {
        name: getattr(header, name)
        for name in (
            "format_version",
            "editors",
            "sources",
            "policy_sha256",
            "versions",
            "exact_values",
            "sealed_offline",
        )
    }
    base, named = header.base, plan.name_repository
    shown = EpisodeHeader(
        **kept,
        origin="shared",
        imported=imported_of(header),
        session=strings.name("session", header.session),
        workspace=strings.name("workspace", header.workspace),
        captured_on=day,
        base=Base(
            commit=base.commit,
            branch=base.branch,
            is_dirty=base.is_dirty,
            repository=None if named is None else named.url,
            spdx=None if named is None else named.spdx,
        ),
        observability=tuple(
            span.model_copy(update={"from_ns": 0, "to_ns": None}) for span in header.observability
        ),
        time_resolution=plan.time_resolution,
    )
    return map_strings(shown, lambda _, text: strings.plain(text))


def _with_check(episode: Episode, strings: PlanStrings) -> Episode:
    """Replay the episode and store the result of its checkpoints in the header."""
    from signoff_collector.episode.moments.checking import check_replay
    from signoff_schemas.header import CheckSummary

    report = check_replay(episode)
    summary = CheckSummary(
        checkpoints=report.checkpoints,
        matched=report.matched,
        resyncs=report.resyncs,
        blind_spans=report.blind_spans,
    )
    changed = {
        "check": summary,
        "redaction": strings.summary(),
        "masks": strings.ways(),
    }
    return replace(episode, header=episode.header.model_copy(update=changed))
