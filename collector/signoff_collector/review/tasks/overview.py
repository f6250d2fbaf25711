"""What one kept task holds, in figures: the JSON of the page's Overview."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from signoff_collector.levels.tasks import lasting_ns
from signoff_collector.quality.quality import quality_of
from signoff_collector.quality.telling import quality_rows
from signoff_collector.redaction.writing.explaining import kind_of, way_of
from signoff_collector.review.applying.selection import ends_of
from signoff_collector.review.base_tree.step import tree_row
from signoff_collector.review.checking.authors import shares_of
from signoff_collector.review.tasks.contents import kinds_of
from signoff_collector.review.tasks.file_rows import (
    deleted_rows,
    entered_rows,
    file_rows,
    licence_rows,
    looked_at_rows,
    overlay_rows,
    paused_rows,
)
from signoff_schemas.steps import CommandStep, GapStep, GitStep, TestsStep
from signoff_schemas.words import Coverage

if TYPE_CHECKING:
    from signoff_collector.episode.content import Episode
    from signoff_collector.review.applying.previews import Previews
    from signoff_schemas.header import EpisodeHeader
    from signoff_schemas.plan import Plan

_LEVELS: Final = (Coverage.NONE, Coverage.PARTIAL, Coverage.FULL)
_SPAN: Final = frozenset({"source", "from_ns", "to_ns"})


def overview(previews: Previews, plan: Plan, keep: int) -> dict[str, object]:
    """Return what the episode of one keep would hold, as JSON values.

    `seq` and `t_ns` are those of the previewed episode, except in `entered` and `paused`,
    which are decided by `seq` of the base episode; `file` is a number that the plan takes.
    Strings are recorded text and not made harmless.

    | name | |
    |---|---|
    | `title` `outcome` | what the person said of it, as it is shared |
    | `steps` `edits` `kinds` | counts; `kinds` by kind |
    | `duration_ns` | from the first to the last step kept, as they were recorded |
    | `sizes` | `shared_bytes`; `base_steps`: of the whole session |
    | `files` | `{file, path, edits, chars}` of every file whose text is in it |
    | `authors` | `{class, basis, written, surviving, edits}` in characters |
    | `tests` | `{seq, t_ns, framework, passed, failed, errors, skipped, exit_code, runnable,
    | | services}`: names of what listened on this machine when it began |
    | `commands` | `{seq, t_ns, line, exit_code, duration_ns, output_chars}` |
    | `git` | `{seq, t_ns, operation, message}` |
    | `gaps` | `{seq, t_ns, reason, duration_ns}` |
    | `masks` | `{kind, way, count}`: how many different values |
    | `observability` | `{what, level}`: the best that any source could see |
    | `check` | `{checkpoints, matched, resyncs, blind_spans}` |
    | `entered` | `{seq, file, path, chars, is_masked}`: text from steps that are not included |
    | `paused` | `{seq, path, chars, is_shared}`: text from pauses, masked unless ticked |
    | `looked_at` | `{file, path, is_whole}`: files only opened; lines never seen are masked |
    | `overlay` | `{file, path, is_shared}`: differed from the commit and never opened |
    | `deleted` | `{path, texts, chars}`: taken away again, and in the file all the same |
    | `licences` | `{file, path, why}`: vendored files and those of another licence |
    | `base_tree` | `{files, size_bytes, withheld}` of the base commit, or None |
    | `environment` | whether the whole of it is told |
    | `quality` | `{measure, stands, passed, says}`: how useful it is to learn from
    | `day` | the day (UTC) on which it began, or None: not told |

    Args:
        previews: of the base episode.
        plan: the plan as it is now.
        keep: place in `plan.keeps`.

    Raises:
        UsageError: there is no such keep, or nothing is left of it.
    """
    preview = previews.of(plan, keep)
    episode, base = preview.episode, previews.base
    return {
        **_counts(episode, len(preview.data), previews.episode),
        "duration_ns": lasting_ns(base.times, *ends_of(base, plan.keeps[keep])),
        "title": plan.keeps[keep].title,
        "outcome": plan.keeps[keep].outcome,
        "files": file_rows(episode, base),
        "authors": [share.row() for share in shares_of(episode)],
        "tests": [_tests_row(step) for step in episode.steps if isinstance(step, TestsStep)],
        "commands": [_command_row(s) for s in episode.steps if isinstance(s, CommandStep)],
        "git": [
            {"seq": s.seq, "t_ns": s.t_ns, "operation": s.operation, "message": s.message}
            for s in episode.steps
            if isinstance(s, GitStep)
        ],
        "gaps": [
            {"seq": s.seq, "t_ns": s.t_ns, "reason": s.reason, "duration_ns": s.duration_ns}
            for s in episode.steps
            if isinstance(s, GapStep)
        ],
        "masks": _mask_rows(episode.header),
        "observability": _observability(episode.header),
        "check": episode.header.check.model_dump(),
        "entered": entered_rows(preview),
        "paused": paused_rows(plan, base, keep),
        "looked_at": looked_at_rows(plan, base, keep),
        "overlay": overlay_rows(plan, base),
        "licences": licence_rows(episode, base),
        "base_tree": tree_row(episode),
        "deleted": deleted_rows(episode),
        "environment": {"is_whole": plan.whole_environment},
        "quality": quality_rows(quality_of(episode)),
        "day": episode.header.captured_on,
    }


def _counts(episode: Episode, size_bytes: int, base: Episode) -> dict[str, object]:
    return {
        "steps": episode.step_count,
        "edits": len(episode.edits),
        "kinds": dict(kinds_of(episode)),
        "sizes": {"shared_bytes": size_bytes, "base_steps": base.step_count},
    }


def _tests_row(step: TestsStep) -> dict[str, object]:
    found = Counter(step.cases.outcomes)
    return {
        "seq": step.seq,
        "t_ns": step.t_ns,
        "framework": step.framework,
        "passed": found["passed"] + found["xpassed"],
        "failed": found["failed"],
        "errors": found["error"],
        "skipped": found["skipped"] + found["xfailed"],
        "exit_code": step.exit_code,
        "runnable": step.runnable,
        "services": list(step.services or ()),
    }


def _command_row(step: CommandStep) -> dict[str, object]:
    output = step.output
    return {
        "seq": step.seq,
        "t_ns": step.t_ns,
        "line": step.line or " ".join(step.argv),
        "exit_code": step.exit_code,
        "duration_ns": step.duration_ns,
        "output_chars": 0 if output is None else len(output.head) + len(output.tail),
    }


def _mask_rows(header: EpisodeHeader) -> list[dict[str, object]]:
    """Return how many different values of each kind were masked, by how they were found."""
    found: Counter[tuple[str, str]] = Counter()
    left = Counter(header.redaction)
    for label, way in header.masks.items():
        kind = kind_of(label)
        if left[kind] > 0:
            found[kind, way] += 1
            left[kind] -= 1
    for kind, count in left.items():
        if count > 0:
            found[kind, way_of(kind)] += count
    ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return [{"kind": kind, "way": way, "count": count} for (kind, way), count in ordered]


def _observability(header: EpisodeHeader) -> list[dict[str, object]]:
    best: dict[str, int] = {}
    for span in header.observability:
        for what, level in span.model_dump().items():
            if what not in _SPAN:
                best[what] = max(best.get(what, 0), _LEVELS.index(level))
    return [{"what": what, "level": _LEVELS[level].value} for what, level in best.items()]
