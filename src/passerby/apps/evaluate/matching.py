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
Array = NDArray[np.float64]


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
    """MOTA, IDF1, HOTA, precision and recall: by TrackEval of the whole sequence, and of frames drawn from it.

    Of drawn frames the assignments are those of the whole sequence: which track is which person (IDF1) and how well
    each pair is associated (HOTA) does not change when a frame is drawn twice.
    """

    def __init__(self, pairings: Sequence[Pairing]) -> None:
        self._shared = [pairing.shared for pairing in pairings]
        self._true, self._people = _dense([p.true.id for p in pairings])
        self._counted, self._tracks = _dense([p.counted.id for p in pairings])
        self._there = np.array([len(i) for i in self._true], np.float64)
        self._found = np.array([len(i) for i in self._counted], np.float64)
        self._hits, self._switches = self._clear_frames(pairings)
        self._identified = self._identity_frames()
        self._alpha_hits, self._association = self._hota_frames()

    def whole(self) -> dict[str, float | None]:
        """Scores of the sequence. None where nobody is there."""
        if not self._there.sum():
            return dict.fromkeys(("precision", "recall", "mota", "idf1", "hota"))
        data: dict[str, Any] = {
            "gt_ids": self._true,
            "tracker_ids": self._counted,
            "similarity_scores": self._shared,
            "num_gt_ids": self._people,
            "num_tracker_ids": self._tracks,
            "num_gt_dets": int(self._there.sum()),
            "num_tracker_dets": int(self._found.sum()),
            "num_timesteps": len(self._true),
        }
        config = {"PRINT_CONFIG": False, "THRESHOLD": SAME_BOX}
        clear = CLEAR(config).eval_sequence(data)
        hits = float(clear["CLR_TP"])
        return {
            "precision": hits / float(self._found.sum()) if self._found.sum() else None,
            "recall": hits / float(self._there.sum()),
            "mota": float(clear["MOTA"]),
            "idf1": float(Identity(config).eval_sequence(data)["IDF1"]),
            "hota": float(np.mean(HOTA().eval_sequence(data)["HOTA"])),
        }

    def drawn(self, frames: Ids) -> dict[str, float | None]:
        """The same scores of these frames, from what each frame adds."""
        there, found, hits = (float(part[frames].sum()) for part in (self._there, self._found, self._hits))
        if not there:
            return dict.fromkeys(("precision", "recall", "mota", "idf1", "hota"))
        union = there + found - self._alpha_hits[frames].sum(axis=0)
        return {
            "precision": hits / found if found else None,
            "recall": hits / there,
            "mota": 1 - (there - hits + found - hits + float(self._switches[frames].sum())) / there,
            "idf1": 2 * float(self._identified[frames].sum()) / (there + found),
            "hota": float(np.sqrt(self._association[frames].sum(axis=0) / union).mean()),
        }

    def _clear_frames(self, pairings: Sequence[Pairing]) -> tuple[Array, Array]:
        """Matches, and people whose track is another one than when they were matched last, in each frame."""
        hits, switches = np.zeros(len(pairings)), np.zeros(len(pairings))
        last: dict[int, int] = {}
        for k, pairing in enumerate(pairings):
            rows, columns = pairing.matches()
            hits[k] = len(rows)
            for person, track in zip(self._true[k][rows].tolist(), self._counted[k][columns].tolist(), strict=True):
                switches[k] += last.get(person, track) != track
                last[person] = track
        return hits, switches

    def _identity_frames(self) -> Array:
        """Boxes in each frame whose track is assigned to their person, over the whole sequence."""
        together = np.zeros((self._people, self._tracks))
        same = [shared >= SAME_BOX for shared in self._shared]
        for k, mask in enumerate(same):
            together[np.ix_(self._true[k], self._counted[k])] += mask
        track_of = np.full(self._people, -1)
        rows, columns = linear_sum_assignment(-together)
        track_of[rows] = columns
        return np.array(
            [
                (mask & (self._counted[k][None, :] == track_of[self._true[k]][:, None])).sum()
                for k, mask in enumerate(same)
            ],
            np.float64,
        )

    def _hota_frames(self) -> tuple[Array, Array]:
        """float64[F, 19]: matches in each frame at each α, and the sum of their association scores."""
        alphas = np.arange(0.05, 0.99, 0.05)
        together = np.zeros((self._people, self._tracks))
        times = np.zeros((self._people, 1)), np.zeros((1, self._tracks))
        for k, shared in enumerate(self._shared):
            total = shared.sum(axis=0)[None, :] + shared.sum(axis=1)[:, None] - shared
            together[np.ix_(self._true[k], self._counted[k])] += shared / np.maximum(total, 1e-12)
            times[0][self._true[k]] += 1
            times[1][0, self._counted[k]] += 1
        alignment = together / np.maximum(times[0] + times[1] - together, 1e-12)
        pairs: list[tuple[Ids, Ids, NDArray[np.bool_]]] = []
        matched = np.zeros((len(alphas), self._people, self._tracks))
        for k, shared in enumerate(self._shared):
            rows, columns = linear_sum_assignment(-alignment[np.ix_(self._true[k], self._counted[k])] * shared)
            good = shared[rows, columns][None, :] >= alphas[:, None] - 1e-12
            people, tracks = self._true[k][rows], self._counted[k][columns]
            matched[:, people, tracks] += good
            pairs.append((people, tracks, good))
        score = matched / np.maximum(times[0] + times[1] - matched, 1)
        hits = np.array([good.sum(axis=1) for _, _, good in pairs], np.float64)
        return hits, np.array([(score[:, people, tracks] * good).sum(axis=1) for people, tracks, good in pairs])


def persons_of_tracks(pairings: Sequence[Pairing]) -> Mapping[int, int]:
    """Track id → id of the person that it covers in most of its frames."""
    votes: dict[int, dict[int, int]] = {}
    for pairing in pairings:
        for row, column in zip(*pairing.matches(), strict=True):
            ballot = votes.setdefault(int(pairing.counted.id[column]), {})
            person = int(pairing.true.id[row])
            ballot[person] = ballot.get(person, 0) + 1
    return {track: max(ballot, key=lambda person: ballot[person]) for track, ballot in votes.items()}


def _dense(ids: Sequence[Ids]) -> tuple[list[Ids], int]:
    every, inverse = np.unique(np.concatenate([*ids, np.zeros(0, np.int64)]), return_inverse=True)
    borders = np.cumsum([len(i) for i in ids])[:-1]
    return list(np.split(inverse.astype(np.int64), borders)), len(every)
