"""Pictures of the plate: small, in blue, green and red, uint8[H, W, 3], sides that are multiples of a cell."""

from datetime import datetime

import cv2
import numpy as np
from numpy.typing import NDArray

from passerby.datatypes.frame import Frame

WIDTH = 640
CELL = 8


def reduced(frame: Frame) -> NDArray[np.uint8]:
    """The frame at the plate's size: at most 640 px wide."""
    width, height = frame.size
    shrink = min(1.0, WIDTH / width)
    size = (max(CELL, int(width * shrink) // CELL * CELL), max(CELL, round(height * shrink) // CELL * CELL))
    half = size[0] // 2, size[1] // 2
    planes = [
        cv2.resize(plane, side, interpolation=cv2.INTER_AREA).reshape(-1)
        for plane, side in ((frame.luma, size), (frame.chroma_u, half), (frame.chroma_v, half))
    ]
    stacked = np.concatenate(planes).reshape(-1, size[0])
    return np.asarray(cv2.cvtColor(stacked, cv2.COLOR_YUV2BGR_I420), np.uint8)


def to_frame(picture: NDArray[np.uint8], instant: datetime) -> Frame:
    """The picture as a frame that a detector takes. Its sides must be even."""
    height, width = picture.shape[:2]
    planes = cv2.cvtColor(np.ascontiguousarray(picture), cv2.COLOR_BGR2YUV_I420).reshape(-1)
    luma, chroma_u, chroma_v = np.split(planes, [height * width, height * width * 5 // 4])
    half = height // 2, width // 2
    return Frame(luma.reshape(height, width), chroma_u.reshape(half), chroma_v.reshape(half), instant)


def cell_means(picture: NDArray[np.uint8]) -> NDArray[np.float32]:
    """float32[H / 8, W / 8]: mean luma of each cell."""
    height, width = picture.shape[:2]
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    return np.asarray(cv2.resize(grey, (width // CELL, height // CELL), interpolation=cv2.INTER_AREA), np.float32)


def blank(mean: NDArray[np.float32], shown: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """The picture where it is ``shown``; elsewhere filled smoothly out of shown pixels alone (Telea, 2004)."""
    height, width = shown.shape
    cells = (width // CELL, height // CELL)
    weight = cv2.resize(shown.astype(np.float32), cells, interpolation=cv2.INTER_AREA)
    total = cv2.resize(mean * shown[..., None].astype(np.float32), cells, interpolation=cv2.INTER_AREA)
    coarse = np.clip(total / np.maximum(weight, 1e-6)[..., None], 0, 255).astype(np.uint8)
    coarse = cv2.inpaint(coarse, (weight < 0.5).astype(np.uint8), 3, cv2.INPAINT_TELEA)
    filling = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(np.where(shown[..., None], np.clip(mean + 0.5, 0, 255).astype(np.uint8), filling))
