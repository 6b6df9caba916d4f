"""How wrong the demo's camera counts, measured apart from the noise: what ``passerby evaluate`` found on its clip."""

import json
from importlib.resources import files
from typing import Any

FRAMES = (401, 795)
"""Nothing was tuned on these; ``tests/reference/test_counting_error.py`` measures them anew."""


def measured() -> dict[str, Any]:
    """The JSON of ``passerby evaluate --frames 401:795`` on the clip, with the embedded detector."""
    found: dict[str, Any] = json.loads((files("passerby.apps.demo") / "counting_error.json").read_text("utf-8"))
    return found


def sentence() -> str:
    """For people."""
    error, precision, recall = (measured()[name] for name in ("count_mae", "precision", "recall"))
    interval = f"95 %: {error['low']:.2f} to {error['high']:.2f}"
    return (
        f"{error['value']:.2f} people too many or too few in a frame ({interval}); "
        f"precision {precision['value']:.2f}, recall {recall['value']:.2f}"
    )
