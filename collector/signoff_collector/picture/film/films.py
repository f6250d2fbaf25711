"""A film of an episode, as the bytes of a file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, assert_never, get_args

from signoff_collector import __version__
from signoff_collector.picture.drawn_files import DrawnFile
from signoff_collector.picture.film.cast import cast_bytes
from signoff_collector.picture.film.frames import frames_of
from signoff_collector.picture.film.moving_svg import moving_svg
from signoff_collector.picture.film.shots import shots_of
from signoff_collector.picture.painters.svg import font_facts
from signoff_collector.picture.scene import ASSUMED, Scenes
from signoff_collector.picture.workbench import LAYOUT_VERSION
from signoff_collector.replay.drawing.mask_signs import MaskSigns
from signoff_collector.system.extras import need

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from signoff_collector.episode.content import Episode
    from signoff_collector.picture.film.frames import Frame
    from signoff_collector.picture.layout import Size
    from signoff_collector.picture.painters.raster import Raster
    from signoff_collector.picture.themes import ThemeName

Kind = Literal["mp4", "webm", "gif", "cast", "svg"]
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)


def need_for(kind: Kind) -> None:
    """Do nothing where the libraries for a kind of film are installed.

    Raises:
        MissingProgramError: the extra `pictures` is not.
    """
    if kind not in ("cast", "svg"):
        need("pictures", what=f"a film as {kind.upper()}")


def film_of(
    episode: Episode,
    kind: Kind,
    size: Size,
    *,
    digest: str,
    length_s: int,
    theme: ThemeName = "light",
    font: Path | None = None,
    tell: Callable[[int, int], None] = lambda _done, _all: None,
) -> DrawnFile:
    """Make a film of a whole episode.

    Args:
        episode: a masked one.
        kind: of the file.
        size: of each frame.
        digest: SHA-256 of the episode's file.
        length_s: how long it may be, in seconds.
        theme: light or dark.
        font: a font file; None for the one of the extra.
        tell: told how many of how many shots are laid out.

    Raises:
        MissingProgramError: a library or an encoder is not there.
        NotFoundError: there is no font.
        UsageError: that is no length for a film.
        DamagedError: an edit does not fit its text.
    """
    need_for(kind)
    scenes = Scenes(episode)
    shots = shots_of(scenes.reel, length_s=length_s)
    frames = list(frames_of(scenes, shots, size, MaskSigns(episode.header.masks), tell))
    raster = None if kind in ("cast", "svg") else _raster(size, theme, font)
    last = shots[-1]
    assumed = {name for one in frames for name in one.layout.assumed}
    facts: dict[str, object] = {
        "signoff": __version__,
        "layout": LAYOUT_VERSION,
        "episode_sha256": digest,
        "width": size.width,
        "height": size.height,
        "font_px": size.font_px,
        "theme": theme,
        "font": font_facts() if raster is None else raster.font,
        "assumed": [name for name in ASSUMED if name in assumed],
        "shots": len(shots),
        "length_ms": last.begin_ms + last.shown_ms,
    }
    match kind:
        case "svg":
            content = moving_svg(frames, size, theme, facts).encode("utf-8")
        case "cast":
            content = cast_bytes(frames, size, theme, facts)
        case _:
            content = _painted(kind, frames, raster or _raster(size, theme, font), facts)
    return DrawnFile(content=content, facts=facts)


def _raster(size: Size, theme: ThemeName, font: Path | None) -> Raster:
    from signoff_collector.picture.painters.raster import Raster

    return Raster(size, theme, font)


def _painted(
    kind: Literal["gif", "mp4", "webm"],
    frames: Sequence[Frame],
    raster: Raster,
    facts: Mapping[str, object],
) -> bytes:
    match kind:
        case "gif":
            from signoff_collector.picture.film.gif import gif_bytes

            return gif_bytes(frames, raster, facts)
        case "mp4" | "webm":
            from signoff_collector.picture.film.video import video_bytes

            return video_bytes(frames, raster, kind, facts)
        case _:
            assert_never(kind)
