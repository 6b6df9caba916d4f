"""What a pipeline books as its work."""

from datetime import UTC, datetime, timedelta

import pytest

from passerby.datatypes.outage import Outage
from passerby.edge.capture import Gap
from passerby.edge.pipeline import Work

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_rests_are_added_up_though_each_is_told_again_and_again() -> None:
    work = Work()
    for since, until in ((0, 1), (0, 2), (0, 6.5), (20, 21), (20, 28)):
        work.leave_out(Gap(Outage.OVERLOAD, NOON + timedelta(seconds=since), NOON + timedelta(seconds=until)))
    assert work.rested_seconds == pytest.approx(14.5)
