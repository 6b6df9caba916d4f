"""What the map asks for: every sensor of a view is shown or counted, and a shape lies where it was surveyed."""

from dataclasses import replace

import httpx
import numpy as np
import pytest

from passerby.datatypes.place import Place, distance_m
from passerby.public.api.geography import SINGLES, Bounds, Geography
from passerby.public.directory import City, Sensor, SensorType

VIEW = {"west": 24.7, "south": 59.4, "east": 24.8, "north": 59.5}


def scattered(number: int) -> list[Sensor]:
    rng = np.random.default_rng(7)
    places = zip(rng.uniform(59.0, 59.8, number), rng.uniform(24.0, 25.0, number), strict=True)
    return [
        Sensor(f"cam-{n}", f"Camera {n}", SensorType.CAMERA, Place(lat, lon), "Europe/Tallinn")
        for n, (lat, lon) in enumerate(places)
    ]


def test_few_sensors_are_shown_with_their_shapes(client: httpx.Client) -> None:
    found = client.get("/api/v1/map", params={**VIEW, "zoom": 16}).json()["features"]
    by_kind: dict[str, list[dict[str, object]]] = {}
    for feature in found:
        by_kind.setdefault(feature["properties"]["kind"], []).append(feature)
    assert {kind: len(items) for kind, items in by_kind.items()} == {"sensor": 3, "area": 1, "line": 1}
    assert by_kind["area"][0]["geometry"] == {
        "type": "Polygon",
        "coordinates": [[[24.7501, 59.4401], [24.7503, 59.4401], [24.7503, 59.4402], [24.7501, 59.4401]]],
    }
    assert by_kind["line"][0]["geometry"] == {"type": "LineString", "coordinates": [[24.75, 59.44], [24.7502, 59.44]]}
    assert by_kind["line"][0]["properties"] == {"kind": "line", "sensor": "plaza", "subject": "gate"}
    far = client.get("/api/v1/map", params={**VIEW, "zoom": 10}).json()["features"]
    assert {feature["properties"]["kind"] for feature in far} == {"sensor"}


def test_an_area_is_told_where_its_camera_is_just_outside_the_view(client: httpx.Client) -> None:
    view = {"west": 24.7499, "south": 59.44005, "east": 24.7504, "north": 59.4403, "zoom": 19}
    kinds = [feature["properties"]["kind"] for feature in client.get("/api/v1/map", params=view).json()["features"]]
    assert kinds == ["sensor", "area", "line"]
    wide = Bounds(24.7, 59.4, 24.8, 59.5).widened(300)
    assert distance_m(Place(59.4, 24.7), Place(59.4, wide.west)) > 300
    assert distance_m(Place(59.5, 24.8), Place(wide.north, 24.8)) > 300
    assert Bounds(-180, -90, 180, 90).widened(300) == Bounds(-180, -90, 180, 90)


def test_the_sensor_and_its_feature_of_interest_know_the_shape(client: httpx.Client) -> None:
    plaza, mill = (client.get(f"/api/v1/sensors/{name}").json() for name in ("plaza", "mill-1"))
    assert plaza["areas"][0]["ground"] == [[24.7501, 59.4401], [24.7503, 59.4401], [24.7503, 59.4402]]
    assert (plaza["ground_error_m"], mill["ground_error_m"]) == (0.1, None)
    things = "/sensorthings/v1.1/FeaturesOfInterest"
    assert client.get(f"{things}('plaza:gate')").json()["feature"]["type"] == "LineString"
    assert client.get(f"{things}('mill-1:mill-1')").json()["feature"]["type"] == "Point"


@pytest.mark.parametrize("zoom", [3.0, 9.4, 13.0])
def test_every_sensor_of_a_large_city_is_shown_or_counted(zoom: float) -> None:
    sensors = scattered(5000)
    shown, clusters = Geography(sensors).view(Bounds(23.9, 58.9, 25.1, 59.9), zoom)
    assert len(shown) + sum(cluster.count for cluster in clusters) == 5000
    assert len(clusters) < 2000
    for cluster in clusters:
        assert cluster.bounds.west <= cluster.longitude <= cluster.bounds.east
        assert cluster.bounds.south <= cluster.latitude <= cluster.bounds.north


def test_a_cluster_does_not_move_with_the_view() -> None:
    city = Geography(scattered(5000))
    first = city.view(Bounds(24.1, 59.1, 24.7, 59.5), 11)[1]
    second = city.view(Bounds(24.13, 59.12, 24.73, 59.52), 11)[1]
    same = set(first) & set(second)
    assert len(same) > 0.8 * len(first)


def test_close_by_sensors_are_shown_one_by_one() -> None:
    sensors = scattered(5000)
    shown, clusters = Geography(sensors).view(Bounds(24.4, 59.4, 24.5, 59.45), 15)
    assert not clusters
    assert 0 < len(shown) <= SINGLES


def test_a_view_may_cross_the_180th_meridian() -> None:
    at = [Place(-17.0, 179.9), Place(-17.0, -179.9), Place(-17.0, 170.0)]
    sensors = [Sensor(f"s-{n}", "S", SensorType.COUNTER, place, "Pacific/Fiji") for n, place in enumerate(at)]
    shown, _ = Geography(sensors).view(Bounds(179.5, -18.0, -179.5, -16.0), 9)
    assert {sensor.id for sensor in shown} == {"s-0", "s-1"}


def test_the_city_says_how_many_sensors_it_has_and_where(client: httpx.Client, city: City) -> None:
    found = client.get("/api/v1/city").json()
    assert (found["cameras"], found["counters"]) == (1, 2)
    assert found["places"] == [
        {"name": None, "zone": "Europe/Tallinn", "sensors": 3, "bounds": [24.75, 59.44, 24.75, 59.46]}
    ]
    far = replace(city.sensors[0], id="far", place=Place(-36.8, 174.7), zone="Pacific/Auckland")
    places = Geography((far, *city.sensors)).places
    assert [(place.zone, place.count, place.name) for place in places] == [
        ("Europe/Tallinn", 3, None),
        ("Pacific/Auckland", 1, "Plaza"),
    ]


def test_sensors_are_found_by_a_part_of_their_name(client: httpx.Client) -> None:
    def found(**query: str | int) -> tuple[list[str], str | None]:
        page = client.get("/api/v1/sensors", params=query).json()
        return [item["id"] for item in page["items"]], page["next"]

    assert found(q="MILL") == (["mill-1", "mill-2"], None)
    assert found(q="mill", limit=1) == (["mill-1"], "mill-1")
    assert found(q="mill", limit=1, cursor="mill-1") == (["mill-2"], None)
    assert found(q="nowhere") == ([], None)


def test_sensors_in_a_box_are_paged_and_known_by_a_tag(client: httpx.Client) -> None:
    def found(**query: str | int) -> list[str]:
        ids: list[str] = []
        cursor: dict[str, str] = {}
        while True:
            page = client.get("/api/v1/sensors", params={"limit": 1, **query, **cursor}).json()
            ids += [item["id"] for item in page["items"]]
            if page["next"] is None:
                return ids
            cursor = {"cursor": page["next"]}

    assert found(bbox="24.7,59.445,24.8,59.5") == ["mill-1", "mill-2"]
    assert found(bbox="24.7,59.4,24.8,59.455", q="MILL") == ["mill-1"]
    assert found(bbox="24.75,59.44,24.75,59.44") == ["plaza"]
    assert found(bbox="25,-90,24.7,90") == []
    assert found(bbox="170,-90,24.75,90") == ["mill-1", "mill-2", "plaza"]
    page = client.get("/api/v1/sensors", params={"bbox": "24.7,59.4,24.8,59.5"})
    again = client.get(page.request.url, headers={"If-None-Match": page.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    view = client.get("/api/v1/map", params={**VIEW, "zoom": 12})
    assert client.get(view.request.url, headers={"If-None-Match": view.headers["etag"]}).status_code == 304


@pytest.mark.parametrize(
    "box", ["", "1,2,3", "1,2,3,4,5", "1,2,3,x", "181,0,0,0", "0,91,0,0", "1e9,0,0,0", "nan,0,0,0"]
)
def test_what_is_no_box_is_refused(client: httpx.Client, box: str) -> None:
    response = client.get("/api/v1/sensors", params={"bbox": box})
    assert response.status_code == 400
    assert "west,south,east,north" in response.json()["detail"]


def test_a_box_holds_what_stands_inside_it() -> None:
    sensors, box = scattered(3000), Bounds(24.2, 59.1, 24.7, 59.3)
    inside = {sensors[n].id for n in Geography(sensors).within(box)}
    assert inside == {s.id for s in sensors if 24.2 <= s.place.longitude <= 24.7 and 59.1 <= s.place.latitude <= 59.3}
