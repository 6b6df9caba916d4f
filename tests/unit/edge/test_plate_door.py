"""The plate leaves the edge through one door, and the mandate holds the key."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from passerby.datatypes.authorization import Authorization
from passerby.datatypes.camera import Camera
from passerby.datatypes.errors import PasserbyError
from passerby.datatypes.place import Place
from passerby.edge.background import Background
from passerby.edge.capture import RecordingSource
from passerby.edge.detection import Detector
from passerby.edge.pipeline import Pipeline

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def pipeline(authorize: Callable[[datetime], Authorization]) -> Pipeline:
    made = Pipeline(
        Camera("gate", "Gate", Place(59.4, 24.7), (640, 480)),
        RecordingSource(Path("none.avi")),
        cast(Detector, SimpleNamespace()),
        authorize,
    )
    made._background = cast(Background, SimpleNamespace(png=b"proven"))
    return made


def allowing(plate: bool) -> Callable[[datetime], Authorization]:
    mandate: Any = SimpleNamespace(background_plate=plate)
    return lambda instant: Authorization(mandate, "gate", instant, instant, 1, instant)


def refusing(_: datetime) -> Authorization:
    raise PasserbyError("no mandate stands")


@pytest.mark.parametrize(
    ("authorize", "given"), [(allowing(True), b"proven"), (allowing(False), None), (refusing, None)]
)
def test_the_plate_is_given_only_under_a_mandate_that_allows_it(
    authorize: Callable[[datetime], Authorization], given: bytes | None
) -> None:
    assert pipeline(authorize).plate() == given
