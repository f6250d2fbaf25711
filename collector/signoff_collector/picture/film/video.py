"""A film as MP4 (H.264) or WebM (VP9), encoded by FFmpeg in process. Loads PyAV.

Only one thread encodes, and no date is written, so that the same libraries give the same bytes; the
encoders of other builds give others.
"""

from __future__ import annotations

import io
import json
from fractions import Fraction
from typing import TYPE_CHECKING, Final, Literal

import av
import numpy as np
from av.error import FFmpegError
from av.video.stream import VideoStream

from signoff_collector.picture.film.shots import FRAME_MS
from signoff_schemas.errors import MissingProgramError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from av.container import OutputContainer

    from signoff_collector.picture.film.frames import Frame
    from signoff_collector.picture.painters.raster import Raster

Container = Literal["mp4", "webm"]
_CODECS: Final[Mapping[Container, tuple[str, Mapping[str, str]]]] = {
    "mp4": (
        "libx264",
        {
            "crf": "20",
            "preset": "veryfast",
            "tune": "animation",
            "threads": "1",
            # its assembler gave other bytes from call to call, five of six times
            "x264-params": "cpu-independent=1",
        },
    ),
    "webm": ("libvpx-vp9", {"crf": "30", "b": "0", "cpu-used": "6", "threads": "1"}),
}
_RATE: Final = Fraction(1000, FRAME_MS)


def video_bytes(
    frames: Iterable[Frame], raster: Raster, container: Container, facts: Mapping[str, object]
) -> bytes:
    """Return a film of ten frames a second; odd sizes lose their last row or column of pixels.

    Raises:
        MissingProgramError: this build of PyAV has no such encoder.
    """
    codec, options = _CODECS[container]
    held = io.BytesIO()
    width, height = raster.size.width // 2 * 2, raster.size.height // 2 * 2
    with av.open(held, "w", format=container, options={"fflags": "+bitexact"}) as made:
        made.metadata["comment"] = json.dumps(facts, sort_keys=True)
        stream = _stream(made, codec, options)
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        number = 0
        for one in frames:
            pixels = np.ascontiguousarray(raster.painted(one.layout).pixels[:height, :width])
            for _ in range(one.shown_ms // FRAME_MS):
                image = av.VideoFrame.from_ndarray(pixels, format="rgb24")
                image.pts = number
                number += 1
                made.mux(stream.encode(image))
        made.mux(stream.encode(None))
    return held.getvalue()


def _stream(made: OutputContainer, codec: str, options: Mapping[str, str]) -> VideoStream:
    try:
        stream = made.add_stream(codec, rate=_RATE, options=dict(options))
    except (FFmpegError, ValueError) as error:
        raise MissingProgramError(
            f"this PyAV cannot encode {codec}",
            hint="Install av from PyPI, or choose .gif, .svg or .cast.",
        ) from error
    if not isinstance(stream, VideoStream):
        raise MissingProgramError(f"{codec} of this PyAV encodes no pictures")
    return stream
