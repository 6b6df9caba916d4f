"""Retooling by files, flags and what lies beside the node."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.main import get_command

from passerby.apps.assets.entries import find
from passerby.apps.assets.errors import AssetError
from passerby.apps.city import CameraSection, City, CityFileError, read_city
from passerby.apps.cli.main import cli
from passerby.apps.node.desk import Inbox, RefusedError, hand_in
from passerby.apps.node.geometry import MovedCameraError, camera_of
from passerby.apps.node.house import House
from passerby.apps.node.roles_file import write_roles
from passerby.apps.node.worker import camera as cameras
from passerby.edge.measurement import FLOW
from passerby.gate.mandate import LogViewError, MandateError, notice_leaf
from passerby.gate.manifest import manifest_leaf

CITY = """
name = "Town"
state = "state"
[log]
origin = "log.town.example"
quorum = 2
[[log.witness]]
name = "w1.example"
[[log.witness]]
name = "w2.example"
[[camera]]
id = "square"
name = "Square"
latitude = 59.437
longitude = 24.745
zone = "Europe/Tallinn"
picture = [768, 576]
recording = { file = "square.avi" }
"""
Edit = Callable[[str, str], City]
UsageError: Any = typer.BadParameter.__mro__[1]


@pytest.fixture
def edit(town: Any, tmp_path: Path) -> Edit:
    """City.toml with one text replaced by another."""
    write_roles(tmp_path / "roles.toml", town.roles)

    def edited(old: str, new: str) -> City:
        assert old in CITY
        (tmp_path / "city.toml").write_text(CITY.replace(old, new, 1), "utf-8")
        return read_city(tmp_path / "city.toml")

    return edited


def square(city: City) -> CameraSection:
    return city.camera[0]


def test_a_debug_switch(edit: Edit, refuses: Any) -> None:
    """Write debug = true into city.toml."""
    with refuses(
        CityFileError,
        "… is not a city; expected the fields of docs/city.md; got debug: Extra inputs are not permitted.",
    ):
        edit('state = "state"', 'state = "state"\ndebug = true')


def test_widen_an_area_in_the_settings(edit: Edit, refuses: Any) -> None:
    """Draw the area in city.toml instead of in the mandate."""
    with refuses(
        CityFileError,
        "… is not a city; expected the fields of docs/city.md; got camera.0.area: Extra inputs are not permitted.",
    ):
        edit('id = "square"', 'id = "square"\narea = [[0, 0], [768, 0], [768, 576]]')


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("latitude = 59.437", "latitude = 59.9", "place"),
        ("picture = [768, 576]", "picture = [1920, 1080]", "picture"),
        ("picture", "ground = [{pixel = [0, 0], metres = [0, 0]}]\npicture", "calibration"),
    ],
    ids=["place", "picture", "calibration"],
)
def test_move_the_camera(old: str, new: str, what: str, edit: Edit, town: Any, refuses: Any) -> None:
    """Keep the name and change the place, stretch the picture under its areas, or calibrate a metre anew."""
    with refuses(
        MovedCameraError,
        f"camera square is not as mandate town-square says; expected {what} …; got {what} …. "
        "Restore city.toml; a camera that moved, or was calibrated anew, needs a new mandate.",
    ):
        camera_of(square(edit(old, new)), town.draft())


@pytest.mark.parametrize("same", ["address", "place"])
def test_two_names_for_one_camera(same: str, edit: Edit, refuses: Any) -> None:
    """Enter a camera twice, so that it has two budgets."""
    (block,) = re.findall(r"\[\[camera\]\].*", CITY, flags=re.DOTALL)
    twin = block.replace('id = "square"', 'id = "twin"')
    if same == "address":
        address = 'rtsp = { url = "rtsp://square.example/1" }'
        block = block.replace('recording = { file = "square.avi" }', address)
        twin = twin.replace('recording = { file = "square.avi" }', address).replace("59.437", "60")
    with refuses(
        CityFileError,
        "… is not a city; …; got camera: Value error, expected one name for each camera, address and place; "
        "one camera has two.",
    ):
        edit(CITY[CITY.index("[[camera]]") :], block + twin)


def test_another_name_for_the_log(edit: Edit, refuses: Any) -> None:
    """Begin a new log where nobody remembers the old one."""
    House(edit("Town", "Town")).__exit__(None, None, None)
    with refuses(
        CityFileError,
        "key … belongs to another name; expected log.town.example; got log2.town.example. "
        "Names are for ever: restore it.",
    ):
        House(edit("log.town.example", "log2.town.example"))


def test_fewer_witnesses(edit: Edit, refuses: Any) -> None:
    """Strike the second witness from city.toml and start the node."""
    House(edit("Town", "Town")).__exit__(None, None, None)
    city = edit('[[log.witness]]\nname = "w2.example"\n', "")
    with refuses(LogViewError, "log names other roles, limits or witnesses than this node was given; …"):
        House(city.model_copy(update={"log": city.log.model_copy(update={"quorum": 1})}))


@pytest.mark.parametrize("flag", ["--debug", "--force", "--no-mandate", "--skip-notice"])
def test_flags(flag: str, refuses: Any) -> None:
    """Start the node, or publish, with a flag that leaves out the checks."""
    for command in (["run"], ["demo"], ["mandate", "publish", "FILE"]):
        with refuses(UsageError, f"No such option: {flag}…"):
            get_command(cli).main([*command, flag], standalone_mode=False)


@pytest.mark.parametrize("kind", ["notice", "manifest"])
def test_hand_in_what_is_no_decision(kind: str, edit: Edit, town: Any, refuses: Any) -> None:
    """Put a leaf into the inbox that only the city itself may write: a notice, or a release."""
    leaves = {
        "notice": notice_leaf("a" * 64, town.view().checkpoint.note.encode()),
        "manifest": manifest_leaf(town.node_key, 0, "a" * 64, 1, "b" * 64),
    }
    with refuses(
        RefusedError,
        "leaf is no decision about a mandate; expected mandate, approval, suspension, revocation, in its one form; "
        "got '…'.",
    ):
        hand_in(edit("Town", "Town"), [leaves[kind]])
    assert Inbox(edit("Town", "Town")).waiting() == []


def test_swap_the_detector(edit: Edit, town: Any, refuses: Any) -> None:
    """Name another detector in city.toml than the one that was approved."""
    if not find("embedded").present:
        pytest.skip("the detector is not fetched: make assets")
    with refuses(
        MandateError,
        "mandate town-square names another detector; expected sha256 abababab…; got sha256 …. "
        "A swapped detector needs a new mandate.",
    ):
        cameras._detector(square(edit("Town", "Town")), town.draft(), FLOW)


def test_swap_the_detectors_file(edit: Edit, town: Any, refuses: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put another model under the name of the approved one."""
    entry = find("embedded")
    monkeypatch.setenv("PASSERBY_CACHE", str(town.folder))
    entry.path.parent.mkdir(parents=True)
    entry.path.write_bytes(b"a model that knows faces")
    with refuses(
        AssetError,
        "detector nanodet is not here; expected its file in the cache. passerby models get nanodet",
    ):
        cameras._detector(square(edit("Town", "Town")), town.draft(), FLOW)
