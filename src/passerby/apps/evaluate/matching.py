"""Tracking scores by TrackEval (Luiten et al., HOTA, IJCV 2021; Bernardin & Stiefelhagen, CLEAR MOT, 2008; Ristani et
al., IDF1, 2016), and which track is which person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment
from trackeval.metrics import CLEAR, HOTA, Identity

from passerby.apps.evaluate.scene import Seen, overlap
from passerby.apps.evaluate.truth import SAME_BOX

Ids = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Pairing:
    """One frame of truth and of what was counted. ``shared``: float64[N, M], overlap of every pair."""

    true: Seen
    counted: Seen
    shared: NDArray[np.float64]

    def matches(self) -> tuple[Ids, Ids]:
        """Indices of the boxes that are the same person, one to one, at an overlap of at least one half."""
        rows, columns = linear_sum_assignment(-np.where(self.shared >= SAME_BOX, self.shared, 0))
        good = self.shared[rows, columns] >= SAME_BOX
        return rows[good], columns[good]


def pair(true: Seen, counted: Seen) -> Pairing:
    """Both sides of a frame."""
    return Pairing(true, counted, overlap(true.xyxy, counted.xyxy))


class TrackingScores:
    """MOTA, IDF1, HOTA, precision and recall of any choice of blocks of frames."""

    def __init__(self, pairings: Sequence[Pairing]) -> None:
        self._pairings = pairings
        self._true = _numbers([p.true.id for p in pairings])
        self._counted = _numbers([p.counted.id for p in pairings])
        config = {"PRINT_CONFIG": False, "THRESHOLD": SAME_BOX}
        self._clear, self._identity, self._hota = CLEAR(config), Identity(config), HOTA()

    def scores(self, blocks: Sequence[Sequence[int]], *, hota: bool = True) -> dict[str, float | None]:
        """Scores of the frames of these blocks in order, a block twice where it is named twice."""
        frames = [index for block in blocks for index in block]
        whole = self._data(frames, [0] * len(frames))
        if not whole["num_gt_dets"]:
            return dict.fromkeys(("precision", "recall", "mota", "idf1", "hota"))
        # A border between blocks is no switch of identity: CLEAR sees new people in every block.
        part = [k for k, block in enumerate(blocks) for _ in block]
        clear = self._clear.eval_sequence(self._data(frames, part))
        found = whole["num_tracker_dets"] > 0
        return {
            "precision": float(clear["CLR_TP"]) / float(clear["CLR_TP"] + clear["CLR_FP"]) if found else None,
            "recall": float(clear["CLR_TP"]) / float(clear["CLR_TP"] + clear["CLR_FN"]),
            "mota": float(clear["MOTA"]),
            "idf1": float(self._identity.eval_sequence(whole)["IDF1"]),
            "hota": float(np.mean(self._hota.eval_sequence(whole)["HOTA"])) if hota else None,
        }

    def _data(self, frames: Sequence[int], part: Sequence[int]) -> dict[str, Any]:
        true, true_count = _dense(
            [self._true[f] + self._size(self._true) * p for f, p in zip(frames, part, strict=True)]
        )
        counted, counted_count = _dense([self._counted[f] for f in frames])
        return {
            "gt_ids": true,
            "tracker_ids": counted,
            "similarity_scores": [self._pairings[f].shared for f in frames],
            "num_gt_ids": true_count,
            "num_tracker_ids": counted_count,
            "num_gt_dets": sum(map(len, true)),
            "num_tracker_dets": sum(map(len, counted)),
            "num_timesteps": len(frames),
        }

    @staticmethod
    def _size(ids: Sequence[Ids]) -> int:
        return 1 + max((int(i.max()) for i in ids if len(i)), default=0)


def persons_of_tracks(pairings: Sequence[Pairing]) -> Mapping[int, int]:
    """Track id → id of the person that it covers in most of its frames."""
    votes: dict[int, dict[int, int]] = {}
    for pairing in pairings:
        for row, column in zip(*pairing.matches(), strict=True):
            ballot = votes.setdefault(int(pairing.counted.id[column]), {})
            person = int(pairing.true.id[row])
            ballot[person] = ballot.get(person, 0) + 1
    return {track: max(ballot, key=lambda person: ballot[person]) for track, ballot in votes.items()}


def _numbers(ids: Sequence[Ids]) -> list[Ids]:
    """Ids as 0, 1, 2, …"""
    return _dense(ids)[0]


def _dense(ids: Sequence[Ids]) -> tuple[list[Ids], int]:
    every, inverse = np.unique(np.concatenate([*ids, np.zeros(0, np.int64)]), return_inverse=True)
    borders = np.cumsum([len(i) for i in ids])[:-1]
    return list(np.split(inverse.astype(np.int64), borders)), len(every)
