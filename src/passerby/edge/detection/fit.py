"""A detector's input in the shape of the camera's picture, so that no work is spent on padding."""

import math
from dataclasses import replace

from passerby.edge.detection.spec import DetectorSpec

STEP = 32
"""Sides of the input are multiples of the coarsest stride of a head, px."""
PLAIN = 0.0
"""Share of the pixels of the input that a detector was trained with: none are owed, its sides are the limit."""


def fitted(
    spec: DetectorSpec, model: bytes, picture: tuple[int, int], share: float = PLAIN
) -> tuple[DetectorSpec, bytes]:
    """The same weights for pictures of ``picture`` (width and height, px) and the description that goes with them.

    ``share``: as in ``input_size``. A detector whose picture is stretched, or that ends in a fixed number of boxes, is
    left as it is.
    """
    fit = fitted_spec(spec, picture, share)
    if fit is spec:
        return fit, model
    from passerby.edge.detection.network import reshaped

    return fit, reshaped(model, fit.width, fit.height)


def fitted_spec(spec: DetectorSpec, picture: tuple[int, int], share: float = PLAIN) -> DetectorSpec:
    """The description alone."""
    if spec.fit == "stretch" or spec.head == "end-to-end":
        return spec
    size = input_size((spec.width, spec.height), picture, share)
    return spec if size == (spec.width, spec.height) else replace(spec, width=size[0], height=size[1])


def input_size(full: tuple[int, int], picture: tuple[int, int], share: float = PLAIN) -> tuple[int, int]:
    """Smallest sides that hold the picture as large as in an input of ``full``; or larger, with ``share`` of the pixels
    of that, but never larger than the picture is."""
    plain = min(full[0] / picture[0], full[1] / picture[1])
    larger = min(1.0, math.sqrt(share * full[0] * full[1] / (picture[0] * picture[1])))
    across, down = (max(STEP, STEP * -(-round(side * max(plain, larger)) // STEP)) for side in picture)
    return across, down
