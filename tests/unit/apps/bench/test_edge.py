"""The streams of the edge bench are what they are said to be, and their truth follows them."""

from pathlib import Path

import av
import numpy as np
import pytest

from passerby.apps.bench.edge.modes import Meter, decode_alone
from passerby.apps.bench.edge.stream import RATE, STREAMS, Stream, make, stretched_truth

MAIN, SUB = STREAMS[0], STREAMS[-1]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("streams")
    clip = folder / "clip.mp4"
    with av.open(str(clip), "w") as container:
        stream = container.add_stream("mpeg4", rate=7)
        stream.width, stream.height, stream.pix_fmt = 96, 72, "yuv420p"
        for number in range(20):
            planes = np.full((108, 96), 128, np.uint8)
            planes[20:50, 2 * number : 2 * number + 20] = 230
            container.mux(stream.encode(av.VideoFrame.from_ndarray(planes, format="yuv420p")))
        container.mux(stream.encode())
    return make(clip, 2, {"main-gop50": 0.4, "main-gop25": 1.2, "sub": 2.0}, folder)


def test_streams_have_their_size_rate_and_key_frames(files: dict[str, Path]) -> None:
    for stream, seconds in zip(STREAMS, (0.4, 1.2, 2.0), strict=True):
        with av.open(str(files[stream.name])) as container:
            video = container.streams.video[0]
            keys = [packet.is_keyframe for packet in container.demux(video) if packet.size]
            assert (video.codec_context.width, video.codec_context.height) == stream.size
            assert float(video.average_rate) == stream.rate
        assert len(keys) == round(seconds * stream.rate)
        assert [k for k, key in enumerate(keys) if key] == list(range(0, len(keys), stream.gop))


def test_the_meter_counts_what_comes_after_the_warm_up(files: dict[str, Path]) -> None:
    meter = Meter(0.0)
    decode_alone(files["sub"], meter)
    assert 0 < meter.per_second(2.0) < 5
    assert meter.stages(2.0) == {}


def test_stages_are_counted_from_the_warm_up_on() -> None:
    meter = Meter(1.0)
    meter.work.stages = {"capture": 4.0}
    meter.sleep(0.9)
    meter.work.stages = {"capture": 5.0, "detection": 1.0}
    meter.sleep(1.0)
    meter.work.stages = {"capture": 7.0, "detection": 2.0, "tracking": 0.5}
    stages = meter.stages(3.0)
    assert (stages["detection"], stages["tracking"]) == (0.5, 0.25)
    assert sum(stages.values()) == pytest.approx(meter.per_second(3.0), abs=0.01)


def test_truth_moves_with_the_frames_between() -> None:
    text = "1,1,0,0,10,20,1,-1,-1,-1\n2,1,8,4,10,20,1,-1,-1,-1\n2,2,50,50,10,20,1,-1,-1,-1\n"
    same = Stream("same", (100, 100), RATE, 50, 1)
    rows = [line.split(",") for line in stretched_truth(text, 0, same, (100, 100)).splitlines()]
    first = {int(frame): (float(x), float(y)) for frame, person, x, y, *_ in rows if person == "1"}
    assert first == {1: (0, 0), 2: (2, 1), 3: (4, 2), 4: (6, 3)}
    assert [frame for frame, person, *_ in rows if person == "2"] == ["3", "4"]


def test_truth_of_the_substream_is_on_its_frames_in_its_px() -> None:
    text = "".join(f"{frame},1,{8 * frame},0,10,20,1,-1,-1,-1\n" for frame in range(1, 8))
    main = [line.split(",") for line in stretched_truth(text, 1, MAIN, (768, 576)).splitlines()]
    sub = [line.split(",") for line in stretched_truth(text, 1, SUB, (768, 576)).splitlines()]
    taken = [index for index in range(len(main)) if SUB.takes(index)]
    assert len(sub) == len(taken)
    for index, row in zip(taken, sub, strict=True):
        assert float(row[2]) / 640 == pytest.approx(float(main[index][2]) / 1920, abs=1e-4)
