"""``passerby bench edge``: the rounds, the ratios, and the error of the counts beside them."""

import os
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

import av
from rich.console import Console

from passerby.apps.assets.entries import Entry, find
from passerby.apps.bench.edge.modes import FLOW_FAMILIES, OCCUPANCY_FAMILIES, Meter, Production, decode_alone, naive
from passerby.apps.bench.edge.naive import Naive
from passerby.apps.bench.edge.peers import INSTALL, cost_of_peers
from passerby.apps.bench.edge.stream import RATE, STEPS, STREAMS, make, stretched_truth
from passerby.apps.detectors import detector_for, present
from passerby.apps.evaluate import evaluate, production
from passerby.apps.evaluate.observe import video_facts
from passerby.apps.runtimes import prepare, processor
from passerby.datatypes.cadence import Cadence
from passerby.edge.detection import REFERENCE, Detector, read_spec
from passerby.edge.measurement import FLOW, OCCUPANCY

CLIP, CLIP_FRAMES = "pets09-s2l1", 795
SCORED_FROM, SCORED_SHORT = 400, 600
"""The second half of the clip is scored (0-based frames), or its last quarter in a short run."""
LEAD = 40
"""Frames of the clip before those, in which trackers and masks find their feet."""
TRUTH = Path("../shared/footage/pets09-s2l1.truth.txt")
WARM_UP = 2.5
"""Seconds until a pipeline knows the distance of key frames."""

LOOKS = 1.0
"""Seconds to leave out where looks are a part of a second apart: whole looks are measured then, and decoding alone over
the same frames."""

Tell = Callable[[str], None]
Run = Callable[[Path, Meter], None]


@dataclass(frozen=True, slots=True)
class Mode:
    """``seconds``: of stream that are measured in a round at scale 1, for each camera."""

    name: str
    stream: str
    run: Run
    seconds: float
    warm_up: float


def bench(
    tell: Tell,
    *,
    scale: float = 0.5,
    rounds: int = 3,
    cameras: int = 12,
    detector: str = "embedded",
    truth: Path = TRUTH,
    keep: Path | None = None,
) -> Mapping[str, object]:
    """CPU time for a second of stream of each mode, ``cameras`` at once on one core, rounds interleaved.

    Ratios are taken round by round; their median is given, and the least and the largest as ``spread``. ``count_mae``
    is None where the truth is not there. ``keep``: folder in which the streams stay for the next run.
    """
    clip, entry = find(CLIP).path, present(detector)
    sizes = {stream.name: stream.size for stream in STREAMS}
    prepare(entry, sorted(set(sizes.values())), Console(stderr=True))
    with tempfile.TemporaryDirectory(prefix="passerby-bench-") as temporary:
        folder = Path(temporary)
        with one_core():
            modes = _modes(entry, sizes)
        scored = SCORED_FROM if scale >= 2 else SCORED_SHORT
        begin = scored - LEAD
        longest = (CLIP_FRAMES - 1 - begin) * STEPS / RATE
        needed = {stream.name: _seconds_of(stream.name, modes, scale, longest) for stream in STREAMS}
        if truth.is_file():
            needed = dict.fromkeys(needed, longest)
        tell("edge: making the streams (1080p twice, substream) …")
        (keep or folder).mkdir(parents=True, exist_ok=True)
        files = make(clip, begin, needed, keep or folder)
        spent: dict[str, list[float]] = {mode.name: [] for mode in modes}
        peers: dict[str, list[float]] = {}
        stages: list[Mapping[str, float]] = []
        with one_core() as core:
            for number in range(rounds):
                for mode in modes[number % len(modes) :] + modes[: number % len(modes)]:
                    seconds = min(longest, mode.warm_up + mode.seconds * scale)
                    part = _part(files[mode.stream], seconds, folder)
                    cost, by_stage = _together(mode, part, seconds, cameras)
                    spent[mode.name].append(cost)
                    if mode.name == "flow":
                        stages.append(by_stage)
                    if mode.name == "naive":
                        for name, value in cost_of_peers(entry, part, seconds, cameras).items():
                            peers.setdefault(name, []).append(value)
                tell(f"edge: round {number + 1} of {rounds}: " + _line({name: x[-1] for name, x in spent.items()}))
        if not peers:
            tell(f"edge: no peers are installed; {INSTALL} brings them")
        errors = None
        if truth.is_file():
            errors = _errors(entry, files, truth.read_text("ascii"), scored, folder, tell)
    spread = {
        name: _spread([a / b for a, b in zip(costs, spent["flow"], strict=True)]) for name, costs in peers.items()
    }
    return {**_ratios(spent), "count_mae": errors, "peers": {name: one["median"] for name, one in spread.items()}} | {
        "peers_spread": spread,
        "ms_per_stream_second": {name: _spread([1e3 * x for x in values]) for name, values in (spent | peers).items()},
        "flow_profile_ms": {
            stage: round(1e3 * median(one.get(stage, 0.0) for one in stages), 2) for stage in stages[0]
        },
        "cameras_per_core": {name: round(1 / median(values), 1) for name, values in (spent | peers).items()},
        "cameras": cameras,
        "rounds": rounds,
        "detector": entry.name,
        "runtime": {name: _run_by(model) for name, model in _detectors(entry, sizes).items()},
        "processor": f"{processor()}, core {core}",
    }


def _modes(entry: Entry, sizes: Mapping[str, tuple[int, int]]) -> list[Mode]:
    spec, model = read_spec(entry.text), entry.path.read_bytes()
    models = _detectors(entry, sizes)
    flow = Production(models["flow"], sizes["main-gop50"], FLOW_FAMILIES)
    occupancy = Production(models["occupancy"], sizes["main-gop50"], OCCUPANCY_FAMILIES)
    substream = Production(models["substream"], sizes["sub"], FLOW_FAMILIES)
    return [
        Mode("naive", "main-gop50", naive(Naive.of(spec, model)), 1.0, 0.0),
        Mode("decode", "main-gop50", decode_alone, 4.0, LOOKS),
        Mode("flow", "main-gop50", flow.run, 4.0, LOOKS),
        Mode("occupancy", "main-gop50", occupancy.run, 12.0, WARM_UP),
        Mode("occupancy_gop25", "main-gop25", occupancy.run, 8.0, WARM_UP),
        Mode("substream", "sub", substream.run, 6.0, LOOKS),
    ]


def _detectors(entry: Entry, sizes: Mapping[str, tuple[int, int]]) -> dict[str, Detector]:
    """As production has them on this machine."""
    return {
        "flow": detector_for(entry, sizes["main-gop50"], FLOW.seconds),
        "occupancy": detector_for(entry, sizes["main-gop50"], OCCUPANCY.seconds),
        "substream": detector_for(entry, sizes["sub"], FLOW.seconds),
    }


def _run_by(detector: Detector) -> str:
    return f"{detector.spec.width}×{detector.spec.height}, {detector.backend}"


def _seconds_of(stream: str, modes: Sequence[Mode], scale: float, longest: float) -> float:
    return min(longest, max(mode.warm_up + mode.seconds * scale for mode in modes if mode.stream == stream))


def _ratios(spent: Mapping[str, Sequence[float]]) -> dict[str, object]:
    pairs = {
        "flow_vs_naive": ("naive", "flow"),
        "occupancy_vs_naive": ("naive", "occupancy"),
        "occupancy_gop25_vs_naive": ("naive", "occupancy_gop25"),
        "substream_vs_naive": ("naive", "substream"),
        "flow_over_decode": ("flow", "decode"),
    }
    found = {
        key: _spread([a / b for a, b in zip(spent[over], spent[under], strict=True)])
        for key, (over, under) in pairs.items()
    }
    return {key: one["median"] for key, one in found.items()} | {"spread": found}


def _spread(values: Sequence[float]) -> dict[str, float]:
    return {"median": round(median(values), 2), "low": round(min(values), 2), "high": round(max(values), 2)}


def _line(seconds: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {1e3 * value:.0f}" for name, value in seconds.items()) + " ms for a second of stream"


def _together(mode: Mode, path: Path, seconds: float, cameras: int) -> tuple[float, Mapping[str, float]]:
    """Mean over cameras that run at the same time, a thread each; and by stage, for a second of stream."""

    def one(_: int) -> tuple[float, Mapping[str, float]]:
        meter = Meter(mode.warm_up)
        mode.run(path, meter)
        return meter.per_second(seconds), meter.stages(seconds)

    with ThreadPoolExecutor(cameras) as pool:
        costs, stages = zip(*pool.map(one, range(cameras)), strict=True)
    names = stages[0].keys()
    return sum(costs) / cameras, {name: sum(one.get(name, 0.0) for one in stages) / cameras for name in names}


@contextmanager
def one_core() -> Iterator[int]:
    """Keep this thread, and those that it starts, on one core where the system can; yields its number."""
    if not hasattr(os, "sched_setaffinity"):
        yield -1
        return
    allowed = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {max(allowed)})
    try:
        yield max(allowed)
    finally:
        os.sched_setaffinity(0, allowed)


def _part(path: Path, seconds: float, folder: Path) -> Path:
    """The first ``seconds`` of a stream, not encoded anew."""
    part = folder / f"{path.stem}-{seconds:g}.mp4"
    if part.exists():
        return part
    with av.open(str(path)) as source, av.open(str(part), "w") as target:
        stream = source.streams.video[0]
        copy = target.add_stream_from_template(stream)
        for packet in source.demux(stream):
            if packet.dts is not None and packet.dts * packet.time_base < seconds - 1e-6:
                packet.stream = copy
                target.mux(packet)
    return part


def _errors(
    entry: Entry, files: Mapping[str, Path], truth: str, scored: int, folder: Path, tell: Tell
) -> dict[str, object]:
    """Count error of each cadence on the streams of the bench, with intervals; and of every frame decoded in full, with
    the input of flow and the reference runtime."""
    clip_size, _, _ = video_facts(find(CLIP).path)
    ways: dict[str, tuple[str, Cadence | None]] = {
        "accurate": ("main-gop50", None),
        "flow": ("main-gop50", FLOW),
        "occupancy": ("main-gop50", OCCUPANCY),
        "occupancy_gop25": ("main-gop25", OCCUPANCY),
        "substream": ("sub", FLOW),
    }
    found: dict[str, object] = {}
    for name, (which, cadence) in ways.items():
        stream = next(one for one in STREAMS if one.name == which)
        path = folder / f"{which}.txt"
        path.write_text(stretched_truth(truth, scored - LEAD, stream, clip_size), "ascii")
        first, last = (1 + index * STEPS * stream.rate // RATE for index in (LEAD, LEAD + CLIP_FRAMES - 2 - scored))
        model = detector_for(entry, stream.size, FLOW.seconds, REFERENCE)
        if cadence is not None:
            model = detector_for(entry, stream.size, cadence.seconds)
        see = production(model, None, cadence)
        evaluation = evaluate(files[which], path, see, frames=(first, last), cadence=cadence)
        figure = evaluation.figures["count_mae"]
        assert figure is not None
        found[name] = {key: round(value, 3) for key, value in asdict(figure).items()}
        tell(f"edge: count error, {name}: {figure.value:.2f} ({figure.low:.2f} to {figure.high:.2f})")
    return found
