"""What is said of a data set that was made: by a build here, or by a hub."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from signoff_collector.consent.terms.audience import Audience
    from signoff_collector.screen.console import Console
    from signoff_datasets.refreshing.refreshes import Refreshed
    from signoff_schemas.dataset import Manifest


def say_built(
    console: Console, out: Path, manifest: Manifest, *, hub: Audience | None = None
) -> None:
    """Say what is in a data set that was made, and by which hub if by one."""
    from signoff_schemas.dataset import digest_of

    for one in manifest.set_aside:
        console.say(f"! set aside  {one.sha256}  {one.reason}")
    rows = dict.fromkeys(sorted({file.table for file in manifest.files}), 0)
    for file in manifest.files:
        rows[file.table] += file.rows
    size = sum(file.size_bytes for file in manifest.files)
    told = ", ".join(f"{count:,} {table}" for table, count in rows.items())
    console.say(f"{out}: {told}; {size:,} bytes")
    console.say(f"next: signoff dataset verify {out}")
    if console.is_json:
        console.row(
            {
                "dataset": str(out),
                "manifest_sha256": digest_of(manifest),
                "plan_sha256": manifest.plan_sha256,
                "rows": rows,
                "bytes": size,
                "set_aside": {one.sha256: one.reason for one in manifest.set_aside},
                "hub": hub,
            }
        )


def say_refreshed(
    console: Console, folder: Path, out: Path, new_plan: Path | None, found: Refreshed
) -> None:
    """Say what is gone from a data set; of one of a hub there is no new plan here."""
    from signoff_collector.commands.erasing import counted
    from signoff_schemas.dataset import digest_of

    notice, manifest = found.notice, found.manifest
    if notice is None:
        console.say(f"nothing is gone: {folder} stays as it is")
        if console.is_json:
            console.row({"dataset": str(folder), "is_new": False})
        return
    for reason, count in notice.reasons.items():
        console.say(f"gone  {count:>6}  {reason}")
    if manifest is None:
        console.say(f"nothing is left of {folder}; it is erased, its notice stays")
    else:
        plan = "" if new_plan is None else f"; {new_plan} is its plan"
        console.say(
            f"{out}: version {manifest.version}, {counted(len(manifest.episodes), 'episode')};"
            f" {counted(len(notice.files), 'file')} replaced, {notice.kept_files} kept{plan}"
        )
        console.say(f"{folder} is erased; send {folder / 'NOTICE.json'} to whoever has a copy")
        with_plan = "" if new_plan is None else f" --plan {new_plan}"
        console.say(f"next: signoff dataset verify {out}{with_plan}")
    if console.is_json:
        console.row(
            {
                "dataset": None if manifest is None else str(out),
                "is_new": True,
                "manifest_sha256": None if manifest is None else digest_of(manifest),
                "gone": list(notice.episodes),
                "reasons": notice.reasons,
                "replaced_files": len(notice.files),
                "kept_files": notice.kept_files,
            }
        )
