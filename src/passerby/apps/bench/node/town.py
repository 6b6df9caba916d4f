"""Towns that are made for the bench: cameras that play one clip, and mandates for all of them."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from passerby.apps.assets.entries import Entry
from passerby.apps.city import City, read_city
from passerby.apps.demo.ceremony import PARTIES, THRESHOLD, begin_anew
from passerby.apps.node.desk import hand_in
from passerby.datatypes.window import utc_text
from passerby.gate.mandate import approval_leaf, mandate_leaf, parse_toml
from passerby.gate.mandate.leaf import sign_decision
from passerby.gate.mandate.schema import PROHIBITED_USES

PICTURE = (1920, 1080)
TOGETHER = 100
"""Cameras of one mandate; a mandate has a largest size."""
_CITY = """
name = "Bench"
listen = "127.0.0.1:{port}"
state = "state"
roles = "state/roles.toml"
workers = {workers}
[log]
origin = "log.bench.example"
quorum = 1
[[log.witness]]
name = "witness.bench.example"
"""
_CAMERA = """
[[camera]]
id = "{id}"
name = "{id}"
latitude = {latitude}
longitude = 0.0
zone = "UTC"
picture = [1920, 1080]
{source}
"""
_MANDATE = """
[mandate]
id = "{id}"
version = 1
title = "Bench"
language = "en"
[accountable]
controller = "Bench"
contact = "bench@bench.example"
vendor = "None"
[purpose]
question = "What does a node need?"
decision = "None"
permitted_uses = ["Measuring the node"]
prohibited_uses = {prohibited}
[legal]
basis = "None"
necessity = "None"
alternatives = "None"
[affected]
people = "Nobody"
impact = "None"
[schedule]
starts = {starts}
expires = {expires}
zone = "UTC"
notice_seconds = 1
hours = [{first}, {last}]
[privacy]
tracks = 2
track_seconds = 20
sensor_cap = "2"
[[privacy.family]]
name = "area_entries"
epsilon = "1"
cap = 2
[[privacy.resolution]]
seconds = 900
share = "1"
[data]
retention = "None"
access = "Nobody"
sharing = "None"
background_plate = false
[detector]
name = "{detector}"
sha256 = "{sha256}"
[risk]
category = "minimal"
risks = "None"
dpia = "None"
[oversight]
body = "Bench"
audit = "None"
complaint = "bench@bench.example"
revocation = "None"
log_freshness_seconds = 86400
[cost]
amount = "None"
public_comment = "None"
"""
_MEASURED = """
[[camera]]
id = "{id}"
place = [{latitude}, 0.0]
picture = [1920, 1080]
[[measure]]
sensor = "{id}"
family = "area_entries"
subject = "all"
categories = ["person"]
polygon = [[0, 0], [1920, 0], [1920, 1080], [0, 1080]]
"""


def found_town(folder: Path, clip: Path, detector: Entry, *, awake: int, asleep: int, workers: int, port: int) -> City:
    """A town in ``folder`` whose mandates are logged: so many cameras that play the clip, and so many on the network
    whose mandated hours are not now."""
    names = [f"awake-{number}" for number in range(awake)] + [f"asleep-{number}" for number in range(asleep)]
    places = {name: 50 + number / 1000 for number, name in enumerate(names)}
    text = _CITY.format(port=port, workers=workers)
    for name in names:
        source = f'recording = {{ file = "{clip}" }}'
        if name.startswith("asleep"):
            source = f'rtsp = {{ url = "rtsp://192.0.2.1/{name}" }}'
        text += _CAMERA.format(id=name, latitude=places[name], source=source)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "city.toml").write_text(text, "utf-8")
    city = read_city(folder / "city.toml")
    keys = begin_anew(city)
    other = (datetime.now(UTC).hour + 12) % 24
    decisions = []
    for hours, mine in (((0, 24), names[:awake]), ((other, other + 1), names[awake:])):
        for first in range(0, len(mine), TOGETHER):
            draft = _draft(mine[first : first + TOGETHER], places, hours, detector)
            mandate = parse_toml(draft)
            signed = sign_decision("approve", mandate.hash, [keys[party] for party in PARTIES[:THRESHOLD]])
            decisions += [[mandate_leaf(mandate)], [approval_leaf(mandate.hash, signed)]]
    hand_in(city, *decisions)
    return city


def _draft(names: Sequence[str], places: dict[str, float], hours: tuple[int, int], detector: Entry) -> str:
    now = datetime.now(UTC).replace(microsecond=0)
    text = _MANDATE.format(
        id=names[0],
        prohibited=list(PROHIBITED_USES),
        starts=utc_text(now),
        expires=utc_text(now + timedelta(days=2)),
        first=hours[0],
        last=hours[1],
        detector=detector.name,
        sha256=detector.sha256,
    )
    return text + "".join(_MEASURED.format(id=name, latitude=places[name]) for name in names)
