"""Looping GIFs of a picture."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np

from actcli.figures.canvas import FigureCanvasAgg, Picture, style

_LARGEST = 3_000_000  # bytes; a larger file is written with every second frame
_FRAME, _END = 90, 2000  # milliseconds


def gif(picture: Picture, frames: int, show: Callable[[int], None], *, frame: int = _FRAME, end: int = _END) -> bytes:
    """The bytes of a looping GIF of `frames` states of a picture.

    `show(k)` brings the picture into state k. Each frame lasts `frame` milliseconds, the last one `end`. All frames
    share one palette without dithering, because equal parts of successive frames then take no space. The same picture
    gives the same bytes. While a file of 8 or more frames exceeds 3 MB, every second frame is dropped, never the last.
    """
    from PIL import Image

    with style(picture.look):
        canvas = picture.canvas
        assert isinstance(canvas, FigureCanvasAgg)
        images = []
        for k in range(frames):
            show(k)
            canvas.draw()  # type: ignore[no-untyped-call]
            pixels = np.asarray(canvas.buffer_rgba())  # type: ignore[no-untyped-call]
            images.append(Image.fromarray(pixels[..., :3].copy()))
    # The first, the middle and the last state have the colours of all.
    chosen = [images[0], images[len(images) // 2], images[-1]]
    sheet = Image.fromarray(np.vstack([np.asarray(image) for image in chosen]))
    palette = sheet.quantize(255, method=Image.Quantize.FASTOCTREE)
    drawn = [image.quantize(palette=palette, dither=Image.Dither.NONE) for image in images]
    while True:
        buffer = io.BytesIO()
        drawn[0].save(
            buffer,
            "GIF",
            save_all=True,
            append_images=drawn[1:],
            duration=[frame] * (len(drawn) - 1) + [end],
            loop=0,
            optimize=False,
            comment=picture.description.encode("ascii", "replace")[:255],
        )
        if buffer.tell() <= _LARGEST or len(drawn) < 8:
            return buffer.getvalue()
        drawn, frame = drawn[::-2][::-1], 2 * frame
