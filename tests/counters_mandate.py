"""The demo's mandate of its counters, in force at once and for the year 2020 alone."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from passerby.datatypes.window import utc_text

DEMO = Path(__file__).parents[1] / "demo/mandates/counters.toml"


def parts() -> tuple[str, list[str], str]:
    """Its head, its measures and what follows them; whoever joins some of them again has a mandate."""
    text = DEMO.read_text("utf-8")
    now = datetime.now(UTC).replace(microsecond=0)
    for field, value in (
        ("starts", utc_text(now)),
        ("expires", utc_text(now + timedelta(hours=1))),
        ("notice_seconds", "1"),
        ("start", "2019-12-31T11:00:00Z"),
        ("end", "2020-12-31T11:00:00Z"),
    ):
        text = re.sub(rf"^{field} = .*$", f"{field} = {value}", text, flags=re.MULTILINE)
    head, *measures = re.split(r"(?=^\[\[measure\]\])", text, flags=re.MULTILINE)
    last, tail = re.split(r"(?=^\[privacy\])", measures[-1], flags=re.MULTILINE)
    return head, [*measures[:-1], last], tail
