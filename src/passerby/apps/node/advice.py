"""What would help a machine that has too little for its cameras, out of what their stages cost here."""

from collections.abc import Mapping

from passerby.apps.node.status import CameraStatus
from passerby.public.directory import Machine

OVERLOADED = 0.02
"""A camera that rests for more than this share of its time lacks something."""
HALF_BITRATE, SUBSTREAM, KEY_FRAMES, ONE_LOOK = 0.42, 0.9, 0.85, 0.8
"""Share of the cost that is saved, as docs/cost.md measured it: of decoding by half the bitrate, by a substream of 640
px, and by decoding key frames alone; of the detector by one look a second instead of two and a half."""
LEAST_SAVING = 0.05
SENTENCES = {
    "bitrate": "half the bitrate of the main streams",
    "substream": "a substream for those that have none",
    "key-frames": "a key frame at least every two seconds, for those that need one look a second",
    "measures": "fewer measures: occupancy alone needs one look a second instead of two and a half",
}


def machine_of(cameras: Mapping[str, CameraStatus], cores: int) -> Machine:
    """What the cameras at work need of a machine. ``savings``: cores by what would save them."""
    at_work = [camera for camera in cameras.values() if camera.state in ("measuring", "outage")]
    needed = sum(camera.steady_cost for camera in at_work)
    savings = dict.fromkeys(SENTENCES, 0.0)
    for camera in at_work:
        capture, detection = camera.cost_of("capture"), camera.cost_of("detection")
        if camera.stream == "main":
            savings["bitrate"] += HALF_BITRATE * capture
            savings["substream"] += SUBSTREAM * capture * (not camera.has_substream)
        if camera.slow and camera.whole:
            savings["key-frames"] += KEY_FRAMES * capture
        if not camera.slow:
            savings["measures"] += ONE_LOOK * detection
    return Machine(
        cores=cores,
        needed=needed,
        resting=sum(camera.rest > OVERLOADED for camera in at_work),
        savings={by: saved for by, saved in savings.items() if saved > LEAST_SAVING * needed},
    )


def sentences(machine: Machine) -> list[str]:
    """Nothing where all cameras get what they need; else what lacks, and what would help most, first."""
    if not machine.resting:
        return []
    who = "1 camera rests" if machine.resting == 1 else f"{machine.resting} cameras rest in turn"
    lines = [
        f"{who}: {machine.needed:.2f} cores are needed of {machine.cores}. "
        "What is not decoded is missing coverage, never a lower count."
    ]
    if machine.needed < machine.cores:
        lines.append("fewer than there are: something else uses them, or one worker has the dearest cameras")
    helps = sorted(machine.savings.items(), key=lambda item: -item[1])
    lines += [f"would save {saved:.2f} cores: {SENTENCES[by]}" for by, saved in helps]
    return lines
