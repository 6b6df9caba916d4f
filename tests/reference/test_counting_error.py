"""The counting error that the demo and the README name is the one that the pipeline has."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from passerby.apps.assets.entries import find
from passerby.apps.demo.counting_error import FRAMES, measured, sentence

ROOT = Path(__file__).parents[2]
FOOTAGE = ROOT.parent / "shared/footage"
SAME = 0.02


def test_the_readme_says_what_was_measured() -> None:
    assert sentence() in " ".join((ROOT / "README.md").read_text("utf-8").split())


@pytest.mark.skipif(not FOOTAGE.is_dir(), reason="the truth of the clip is not beside the checkout (../shared/footage)")
@pytest.mark.skipif(not find("embedded").present, reason="the detector is not fetched: make assets")
def test_the_figures_are_those_of_the_pipeline_as_it_is() -> None:
    clip, truth = FOOTAGE / "pets09-s2l1.avi", FOOTAGE / "pets09-s2l1.truth.txt"
    files = ["--video", str(clip), "--truth", str(truth), "--frames", "{}:{}".format(*FRAMES), "--frame-rate", "7"]
    done = subprocess.run(
        [sys.executable, "-m", "passerby.apps.cli.main", "evaluate", *files, "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(done.stdout)
    for name in ("count_mae", "precision", "recall", "mota", "idf1"):
        assert found[name]["value"] == pytest.approx(measured()[name]["value"], abs=SAME), name
