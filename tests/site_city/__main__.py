"""A small city for the end-to-end tests of the site: ``python -m tests.site_city FOLDER [TILES]``.

A camera with an area and lines whose place on the ground is known, one of which it is not, two counters with 13 months
of counts and an outage; a mandate in force for each, one whose notice period runs, and one that was suspended.
``TILES``: address of a tile server for the map.

Prints one line of JSON (``url``; ``fork``: the folder of a log that the same keys signed and that says something else;
``policy``: whom to believe), then serves until its standard input is closed.
"""

import csv
import json
import re
import shutil
import socket
import sys
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from passerby.apps.city import City, read_city
from passerby.apps.demo.ceremony import OVERSIGHT, PARTIES, THRESHOLD, begin_anew
from passerby.apps.node.desk import hand_in
from passerby.apps.node.house import House
from passerby.apps.works import Works
from passerby.datatypes.family import Family
from passerby.datatypes.mandate import Mandate
from passerby.datatypes.measure import Measure
from passerby.datatypes.outage import Outage
from passerby.datatypes.standing import State
from passerby.datatypes.window import utc_text, window_at
from passerby.gate.mandate import approval_leaf, end_leaf, mandate_leaf, parse_toml
from passerby.gate.mandate.leaf import sign_decision
from passerby.tlog.key import SigningKey

ROOT = Path(__file__).parents[2]
FIRST, LAST = date(2025, 3, 1), date(2026, 3, 31)
NO_REPORT = date(2026, 3, 10)
QUIET = (date(2026, 3, 20), date(2026, 3, 24))
CITY = """
name = "Testville"
listen = "127.0.0.1:{port}"
state = "state"
roles = "state/roles.toml"
notes = ["A city for tests."]
[log]
origin = "log.testville.example"
quorum = 1
[[log.witness]]
name = "witness.testville.example"
[map]
streets = "streets.geojson"
attribution = "Streets of Testville"
{tiles}
[[moment]]
first = {first}
last = {last}
[moment.title]
en = "Quiet days"
[[attribution]]
text = "Counts of Testville"
url = "https://testville.example/counts"
licence = "CC BY 4.0"
[[camera]]
id = "pets"
name = "Market square"
latitude = 59.4370
longitude = 24.7536
zone = "Europe/Tallinn"
picture = [768, 576]
recording = {{ file = "none.avi" }}
{ground}
[camera.frame]
origin = [59.43731, 24.75357]
bearing = 302.0
error_m = 3
[[camera]]
id = "gate"
name = "North gate"
latitude = 59.4391
longitude = 24.7562
zone = "Europe/Tallinn"
picture = [768, 576]
recording = {{ file = "other.avi" }}
[[counters]]
csv = "counts.csv"
places = "places.csv"
zone = "Europe/Tallinn"
"""
PLACES = "Address,Latitude,Longitude\nMill Street,59.4380,24.7500\nHarbour Gate,59.4402,24.7549\n"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def write_files(folder: Path, tiles: str | None) -> None:
    ground = "".join(
        re.findall(r"^\[\[camera.ground\]\]\n.*\n.*\n", (ROOT / "demo/city.toml").read_text("utf-8"), re.MULTILINE)
    )
    named = "" if tiles is None else f'tiles = "{tiles}"'
    text = CITY.format(port=free_port(), first=QUIET[0], last=QUIET[1], ground=ground, tiles=named)
    (folder / "city.toml").write_text(text, "utf-8")
    (folder / "places.csv").write_text(PLACES, "utf-8")
    shutil.copy(ROOT / "demo/streets.geojson", folder / "streets.geojson")
    with (folder / "counts.csv").open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file)
        rows.writerow(["date", "hour", "Mill Street", "Harbour Gate"])
        for number in range((LAST - FIRST).days + 1):
            day = FIRST + timedelta(days=number)
            level = 3 if QUIET[0] <= day <= QUIET[1] else 30 - 10 * (day.weekday() > 4)
            for hour in range(24):
                count = level * min(hour, 24 - hour)
                rows.writerow([day, f"{hour}:00", count, "" if day == NO_REPORT else 2 * count + 5])


def dated(text: str, **fields: str) -> str:
    now = datetime.now(UTC).replace(microsecond=0)
    usual = {
        "starts": utc_text(now),
        "expires": utc_text(now + timedelta(days=90)),
        "zone": '"Europe/Tallinn"',
        "notice_seconds": "1",
    }
    for field, value in {**usual, **fields}.items():
        text = re.sub(rf"^{field} = .*$", f"{field} = {value}", text, flags=re.MULTILINE)
    return text


def camera_mandate(name: str = "whiteknights-junction", **fields: str) -> Mandate:
    text = (ROOT / "demo/mandates/junction.toml").read_text("utf-8").replace("whiteknights-junction", name)
    return parse_toml(dated(text, place="[59.4370, 24.7536]", **fields))


def gate_mandate() -> Mandate:
    """For the camera that nobody calibrated."""
    text = (ROOT / "demo/mandates/junction.toml").read_text("utf-8")
    for old, new in (("^calibration = .*$", ""), ('"pets"', '"gate"'), ('"whiteknights-junction"', '"north-gate"')):
        text = re.sub(old, new, text, flags=re.MULTILINE)
    return parse_toml(dated(text, title='"How many people pass the north gate"', place="[59.4391, 24.7562]"))


def counters_mandate() -> Mandate:
    head, _, rest = (ROOT / "demo/mandates/counters.toml").read_text("utf-8").partition("[[measure]]")
    measures = "".join(
        f'[[measure]]\nsensor = "{one}"\nfamily = "counter_passages"\nsubject = "{one}"\ncategories = ["person"]\n'
        for one in ("mill-street", "harbour-gate")
    )
    start, end = "2025-02-28T22:00:00Z", "2026-03-31T21:00:00Z"
    return parse_toml(dated(head + measures + "[privacy]" + rest.partition("[privacy]")[2], start=start, end=end))


def publish(city: City, mandate: Mandate, keys: dict[str, SigningKey], signers: int) -> None:
    chosen = [keys[name] for name in PARTIES[:signers]]
    approval = approval_leaf(mandate.hash, sign_decision("approve", mandate.hash, chosen))
    hand_in(city, [mandate_leaf(mandate)], [approval])


def suspend(city: City, mandate: Mandate, keys: dict[str, SigningKey]) -> None:
    reason = "The area was drawn too wide."
    signed = sign_decision("suspend", mandate.hash, [keys[OVERSIGHT[0]]], reason)
    hand_in(city, [end_leaf("suspension", mandate.hash, reason, signed)])


def wait_for(house: House, mandate: Mandate) -> None:
    while not any(s.mandate.hash == mandate.hash and s.state is State.IN_FORCE for s in house.standings()):
        time.sleep(0.1)


def release_camera(house: House, mandate: Mandate) -> None:
    """Four windows that begin now, the third an outage."""
    exact = {Family.AREA_ENTRIES: 9, Family.PERSON_SECONDS: 120, Family.LINE_CROSSINGS: 4}
    window = window_at(datetime.now(UTC) + timedelta(seconds=15), mandate.zone, 15)
    for number in range(4):
        outage = Outage.COVERED if number == 2 else None
        measures = [
            Measure(cell, window, None if outage else exact[cell.family], 0.0 if outage else 1.0, outage)
            for cell in mandate.cells
        ]
        proof = house.authorize(mandate.hash, "pets", window.start)
        house.publish([house.gate.release(measures, [proof])])
        window = window_at(window.end, mandate.zone, 15)


def forge(city: City, folder: Path) -> Path:
    """The same keys sign another log, longer than the real one."""
    shutil.copytree(city.state / "keys", folder / "keys")
    with House(city.model_copy(update={"state": folder})) as house:
        house.ledger.append([b'{"type":"filler","number":%d}' % number for number in range(2000)])
        house.publish_log()
        return house.log_folder


def main(folder: Path, tiles: str | None = None) -> None:
    write_files(folder, tiles)
    city = read_city(folder / "city.toml")
    keys = begin_anew(city)
    with Works(city, serve=True) as works:
        by_camera, by_counters = camera_mandate(), counters_mandate()
        publish(city, by_camera, keys, THRESHOLD)
        publish(city, by_counters, keys, THRESHOLD)
        stopped = camera_mandate("square-noon", title='"The square at noon"')
        for other in (gate_mandate(), stopped):
            publish(city, other, keys, THRESHOLD)
        publish(city, camera_mandate(notice_seconds=str(7 * 86400), title='"The square at night"'), keys, 1)
        wait_for(works.house, by_counters)
        works.counters.start()
        wait_for(works.house, stopped)
        suspend(city, stopped, keys)
        wait_for(works.house, by_camera)
        release_camera(works.house, by_camera)
        while by_counters.hash not in works.counters.finished and works.counters.fault is None:
            time.sleep(0.1)
        works.counters.stop()
        works.house.publish_log()
        fork = forge(city, folder / "fork")
        told = {"url": works.url, "fork": str(fork), "policy": str(city.state / "policy.txt")}
        print(json.dumps(told), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main(Path(sys.argv[1]), *sys.argv[2:])
