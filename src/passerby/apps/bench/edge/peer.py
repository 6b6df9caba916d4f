"""Other people's pipelines, as their documentation shows them: every frame, BGR, the same detector.

Runs in an environment of theirs, which has what this page imports, and is told its job as JSON on standard input.
Prints CPU seconds for a second of stream, of a camera, by peer.
"""

import json
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import norfair
import numpy as np
import supervision
from trackers import ByteTrackTracker

from passerby.apps.bench.edge.naive import Detect, Naive
from passerby.edge.detection.spec import read_spec

RATE = 25.0


def with_supervision(path: str, detect: Detect) -> None:
    """Detections → ByteTrack of ``trackers`` → LineZone."""
    tracker = ByteTrackTracker(frame_rate=RATE)
    size = supervision.VideoInfo.from_video_path(path).resolution_wh
    middle = supervision.Point(size[0] / 2, 0), supervision.Point(size[0] / 2, size[1])
    line = supervision.LineZone(start=middle[0], end=middle[1])
    for frame in supervision.get_video_frames_generator(path):
        boxes, score, number = detect(frame)
        detections = supervision.Detections(xyxy=boxes, confidence=score, class_id=number)
        line.trigger(tracker.update(detections))


def with_norfair(path: str, detect: Detect) -> None:
    """Detections → Tracker with IoU."""
    tracker = norfair.Tracker(distance_function="iou", distance_threshold=0.7)
    video = cv2.VideoCapture(path)
    while True:
        there, frame = video.read()
        if not there:
            return
        boxes, score, number = detect(frame)
        rows = zip(boxes, score, number, strict=True)
        tracker.update([norfair.Detection(b.reshape(2, 2), np.array([s, s]), label=int(n)) for b, s, n in rows])


PEERS: dict[str, Callable[[str, Detect], None]] = {"supervision": with_supervision, "norfair": with_norfair}


def main() -> None:
    """Measure each peer, ``cameras`` at once."""
    job = json.load(sys.stdin)
    cameras, path = int(job["cameras"]), str(job["stream"])
    naive = Naive.of(read_spec(job["description"]), Path(job["model"]).read_bytes())
    found = {}
    for name, run in PEERS.items():
        since = time.process_time()
        with ThreadPoolExecutor(cameras) as pool:
            for done in [pool.submit(run, path, naive.detect) for _ in range(cameras)]:
                done.result()
        found[name] = (time.process_time() - since) / cameras / float(job["seconds"])
    print(json.dumps(found))
