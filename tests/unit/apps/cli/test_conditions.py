"""``passerby conditions`` on a clip that is made here: where the picture is too poor, it says outage."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from tests.bright_detector import model, spec
from typer.testing import CliRunner

from passerby.apps.cli import conditions
from passerby.apps.cli.main import cli
from passerby.edge.detection import Detector, read_spec

SIDE, RATE, SECONDS, FIRST, LAST = 64, 10, 26, 21, 260


@pytest.fixture(scope="module")
def footage(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A bright figure that walks from left to right and back, and its truth."""
    folder = tmp_path_factory.mktemp("conditions")
    clip, truth = folder / "clip.mp4", folder / "clip.txt"
    random = np.random.default_rng(5)
    ground = np.kron(random.integers(30, 110, (16, 16)), np.ones((4, 4), int))
    rows = []
    with av.open(str(clip), "w") as container:
        stream = container.add_stream("mpeg4", rate=RATE)
        stream.width, stream.height, stream.pix_fmt, stream.bit_rate = SIDE, SIDE, "yuv420p", 2_000_000
        for index in range(RATE * SECONDS):
            x = round(4 + 3.5 * min(index / RATE, SECONDS - index / RATE))
            picture = np.full((SIDE * 3 // 2, SIDE), 128, np.uint8)
            picture[:SIDE] = ground + random.integers(-4, 5, ground.shape)
            picture[20:44, x : x + 8] = 235
            rows.append(f"{index + 1},1,{x},20,8,24,1")
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="yuv420p")))
        container.mux(stream.encode())
    truth.write_text("\n".join(rows) + "\n", "ascii")
    return clip, truth


@pytest.fixture
def run(footage: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """The command with its options; the detector finds what is bright."""
    detector = Detector(read_spec(spec(SIDE)), model(SIDE, level=225.0))
    monkeypatch.setattr(conditions, "measured_detector", lambda *_: detector)

    def command(*options: str) -> Any:
        clip, truth = footage
        files = ["--video", str(clip), "--truth", str(truth), "--first", str(FIRST), "--last", str(LAST)]
        result = CliRunner().invoke(cli, ["conditions", *files, *options])
        assert result.exit_code == 0, result.output
        return result

    return command


def test_faults_are_outages_with_their_cause_and_no_counts(run: Callable[..., Any]) -> None:
    wanted = ["as it is", "few frames a second", "no light", "covered from mid-clip", "frozen from mid-clip"]
    found = json.loads(run(*(part for name in wanted for part in ("--only", name)), "--json").stdout)
    assert list(found) == wanted
    assert found["as it is"]["observed"] == 1.0
    assert found["as it is"]["count_mae"]["value"] < 0.05
    assert found["as it is"]["outages"] == {}
    assert found["few frames a second"]["observed"] == pytest.approx(0.5, abs=0.02)
    assert found["few frames a second"]["count_mae"]["value"] < 0.1
    assert found["no light"]["observed"] < 0.1
    assert "no-light" in found["no light"]["outages"]
    for name, cause in (("covered from mid-clip", "covered"), ("frozen from mid-clip", "frozen")):
        assert cause in found[name]["outages"]
        assert 0.4 < found[name]["observed"] < 0.95
        assert found[name]["count_mae"]["value"] < 0.2, "what is left is counted rightly"


def test_the_table_names_the_cause(run: Callable[..., Any]) -> None:
    lines = run("--only", "no light").stdout.splitlines()
    assert any(line.split()[:2] == ["no", "light"] and line.rstrip().endswith("no-light") for line in lines)
