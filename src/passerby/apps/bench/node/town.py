"""Towns that are made for the bench: cameras, and mandates for all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

from passerby.apps.assets.entries import Entry
from passerby.apps.city import City, read_city
from passerby.apps.demo.ceremony import OVERSIGHT, PARTIES, THRESHOLD, begin_anew
from passerby.apps.node.desk import hand_in
from passerby.apps.node.roles_file import write_roles
from passerby.datatypes.window import utc_text
from passerby.gate.mandate import Roles, approval_leaf, mandate_leaf, parse_toml
from passerby.gate.mandate.leaf import sign_decision
from passerby.gate.mandate.roles import Limits
from passerby.gate.mandate.schema import PROHIBITED_USES

PICTURE = (1920, 1080)
TOGETHER = 100
"""Cameras of one mandate; a mandate has a largest size."""
_CITY = """
name = "Bench"
listen = "127.0.0.1:0"
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
sensor_cap = "{cap}"
{families}
[[privacy.resolution]]
seconds = {window}
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
"""
_FAMILY = """
[[privacy.family]]
name = "{name}"
epsilon = "{epsilon}"
cap = {cap}
"""
_MEASURE = """
[[measure]]
sensor = "{id}"
family = "{name}"
subject = "all"
categories = ["person"]
polygon = [[0, 0], [1920, 0], [1920, 1080], [0, 1080]]
"""


@dataclass(frozen=True, slots=True)
class TownCamera:
    """``source``: as in ``city.toml``. ``awake``: its mandated hours are now."""

    id: str
    source: str
    awake: bool = True


@dataclass(frozen=True, slots=True)
class Asked:
    """What the mandates measure in the whole picture: families and the most that a track adds to each; in windows of
    ``window`` s, at ε for each family and day."""

    families: dict[str, int]
    window: int
    epsilon: int


ENTRIES = Asked({"area_entries": 2}, window=900, epsilon=1)


def found_town(
    folder: Path,
    cameras: Sequence[TownCamera],
    detector: Entry,
    *,
    workers: int,
    asked: Asked = ENTRIES,
) -> City:
    """A town in ``folder`` whose mandates are logged. Its limits allow any ε: nobody lives in it."""
    places = {camera.id: 50 + number / 1000 for number, camera in enumerate(cameras)}
    text = _CITY.format(workers=workers)
    for camera in cameras:
        text += _CAMERA.format(id=camera.id, latitude=places[camera.id], source=camera.source)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "city.toml").write_text(text, "utf-8")
    city = read_city(folder / "city.toml")
    keys = begin_anew(city)
    limits = Limits(most_epsilon=Fraction(len(asked.families) * asked.epsilon))
    verifiers = {name: key.verifier for name, key in keys.items()}
    write_roles(city.roles, Roles(verifiers, THRESHOLD, OVERSIGHT, limits))
    other = (datetime.now(UTC).hour + 12) % 24
    decisions = []
    for hours, awake in (((0, 24), True), ((other, other + 1), False)):
        mine = [camera.id for camera in cameras if camera.awake is awake]
        for first in range(0, len(mine), TOGETHER):
            mandate = parse_toml(_draft(mine[first : first + TOGETHER], places, hours, detector, asked))
            signed = sign_decision("approve", mandate.hash, [keys[party] for party in PARTIES[:THRESHOLD]])
            decisions += [[mandate_leaf(mandate)], [approval_leaf(mandate.hash, signed)]]
    hand_in(city, *decisions)
    return city


def _draft(
    names: Sequence[str], places: dict[str, float], hours: tuple[int, int], detector: Entry, asked: Asked
) -> str:
    now = datetime.now(UTC).replace(microsecond=0)
    families = asked.families.items()
    text = _MANDATE.format(
        id=names[0],
        prohibited=list(PROHIBITED_USES),
        starts=utc_text(now),
        expires=utc_text(now + timedelta(days=2)),
        first=hours[0],
        last=hours[1],
        cap=len(asked.families) * asked.epsilon,
        families="".join(_FAMILY.format(name=name, epsilon=asked.epsilon, cap=cap) for name, cap in families),
        window=asked.window,
        detector=detector.name,
        sha256=detector.sha256,
    )
    for name in names:
        text += _MEASURED.format(id=name, latitude=places[name])
        text += "".join(_MEASURE.format(id=name, name=family) for family in asked.families)
    return text
