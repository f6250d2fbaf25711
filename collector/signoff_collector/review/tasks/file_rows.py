"""Lists of files and texts to decide about: entering text, unseen files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from signoff_collector.review.applying.selection import overlay_paths, select
from signoff_collector.review.checking.licences import licence_in, third_party_reason, usual_licence
from signoff_collector.review.tasks.contents import files_of
from signoff_collector.review.tasks.deleted_texts import deleted_texts

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode
    from signoff_collector.review.applying.base_walk import BaseWalk
    from signoff_collector.review.applying.previews import Preview
    from signoff_schemas.plan import Plan

Row = dict[str, object]


def file_rows(episode: Episode, base: BaseWalk) -> list[Row]:
    """Return every file whose text a shared episode holds, the most edited first."""
    numbers = {path: file for file, path in enumerate(base.paths)}
    rows: list[Row] = [
        {
            "file": numbers.get(one.path),
            "path": one.path,
            "edits": one.edits,
            "chars": len(one.last),
        }
        for one in sorted(files_of(episode), key=lambda one: (-one.edits, one.path))
    ]
    return rows


def deleted_rows(episode: Episode) -> list[Row]:
    """Return how much text was taken away again, by file, the most first."""
    found: dict[str, list[int]] = {}
    for one in deleted_texts(episode):
        found.setdefault(one.path, []).append(len(one.text))
    ordered = sorted(found.items(), key=lambda item: (-sum(item[1]), item[0]))
    return [{"path": path, "texts": len(sizes), "chars": sum(sizes)} for path, sizes in ordered]


def entered_rows(preview: Preview) -> list[Row]:
    """Return the texts that enter from omitted steps, one row per file and moment."""
    rows: dict[tuple[int, str], Row] = {}
    for one in preview.entered:
        row: Row = {
            "seq": one.seq,
            "file": one.key.file,
            "path": one.path,
            "chars": len(one.text),
            "is_masked": one.text in preview.episode.header.masks,
        }
        rows.setdefault((one.seq, one.path), row)
    return list(rows.values())


def paused_rows(plan: Plan, base: BaseWalk, keep: int) -> list[Row]:
    """Return the texts that were typed in pauses, up to the end of a keep."""
    last = select(plan, base, plan.keeps[keep]).last
    paths = {step.seq: step.path for step in base.episode.steps if step.seq in base.paused}
    return [
        {
            "seq": seq,
            "path": paths.get(seq),
            "chars": len(ids),
            "is_shared": seq in plan.paused_texts,
        }
        for seq, ids in base.paused.items()
        if seq <= last and len(ids)
    ]


def looked_at_rows(plan: Plan, base: BaseWalk, keep: int) -> list[Row]:
    """Return the files that were only opened: lines that were never visible are masked."""
    selection = select(plan, base, plan.keeps[keep])
    paths = sorted(selection.entering - selection.changed)
    numbers = {path: file for file, path in enumerate(base.paths)}
    return [
        {"file": numbers[path], "path": path, "is_whole": numbers[path] in plan.whole_files}
        for path in paths
    ]


def overlay_rows(plan: Plan, base: BaseWalk) -> list[Row]:
    """Return the files that differed from the commit and were never opened or changed."""
    numbers = {path: file for file, path in enumerate(base.paths)}
    return [
        {"file": numbers[path], "path": path, "is_shared": numbers[path] in plan.overlay_files}
        for path in sorted(overlay_paths(base.episode))
    ]


def licence_rows(episode: Episode, base: BaseWalk) -> list[Row]:
    """Return the files that seem to be third-party: vendored, or of another licence.

    A licence that fewer files name than the most frequent one counts as another (threat 18).
    """
    numbers = {path: file for file, path in enumerate(base.paths)}
    named = {one.path: licence_in(one.last) for one in files_of(episode)}
    usual = usual_licence(named.values())
    return [
        {"file": numbers.get(path), "path": path, "why": apart.why}
        for path, licence in sorted(named.items())
        if (apart := third_party_reason(path, licence, usual)) is not None
    ]
