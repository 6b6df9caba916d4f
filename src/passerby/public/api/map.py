"""``/api/v1/map``: what a map of the city draws in a view, as GeoJSON."""

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from passerby.public.api.answers import encoded
from passerby.public.api.context import Context
from passerby.public.api.geography import Bounds, Cluster
from passerby.public.api.problem import NOT_MODIFIED, RESPONSES
from passerby.public.api.shapes import sensor_point, subject_shape
from passerby.public.api.tags import tagged
from passerby.public.directory import OUTLINES_WITHIN_M, Sensor

GROUND_ZOOM = 14
"""From here on an area of a square is wider than a dot."""
_EXAMPLE = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [24.7536, 59.437]},
            "properties": {
                "kind": "sensor",
                "id": "plaza",
                "name": "Market square",
                "type": "camera",
                "state": "measuring",
            },
        }
    ],
}

Longitude = Annotated[float, Query(ge=-180, le=180, allow_inf_nan=False, examples=[24.75])]
Latitude = Annotated[float, Query(ge=-90, le=90, allow_inf_nan=False, examples=[59.44])]
Zoom = Annotated[
    float,
    Query(ge=0, le=24, allow_inf_nan=False, examples=[15], description="Zoom of a web map whose tiles are 512 px."),
]


def router(context: Context) -> APIRouter:
    """The resource."""
    routes = APIRouter(tags=["sensors"], responses=RESPONSES)

    @routes.get(
        "/api/v1/map",
        summary="Sensors in a view of the map, or clusters of them; areas and lines on the ground",
        response_class=Response,
        responses={
            200: {"content": {"application/geo+json": {"schema": {"type": "object"}, "example": _EXAMPLE}}},
            **NOT_MODIFIED,
        },
    )
    def view(
        request: Request, west: Longitude, south: Latitude, east: Longitude, north: Latitude, zoom: Zoom
    ) -> Response:
        """Features of ``kind`` sensor, cluster, area or line; a cluster has ``count`` and ``bounds`` of its members.

        A view whose west is above its east crosses the 180th meridian. Near the ground, sensors around the view are
        told too, whose areas may lie in it.
        """
        bounds = Bounds(west, south, east, north)
        if zoom >= GROUND_ZOOM:
            bounds = bounds.widened(OUTLINES_WITHIN_M)
        sensors, clusters = context.index.geography.view(bounds, zoom)
        features = [_cluster(cluster) for cluster in clusters]
        features += [_sensor(context, sensor) for sensor in sensors]
        if zoom >= GROUND_ZOOM:
            features += [feature for sensor in sensors for feature in _ground(sensor)]
        return tagged(request, encoded({"type": "FeatureCollection", "features": features}), "application/geo+json")

    return routes


def _feature(geometry: dict[str, Any], **properties: object) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _cluster(cluster: Cluster) -> dict[str, Any]:
    point = {"type": "Point", "coordinates": [round(cluster.longitude, 6), round(cluster.latitude, 6)]}
    around = cluster.bounds
    bounds = [around.west, around.south, around.east, around.north]
    return _feature(point, kind="cluster", count=cluster.count, bounds=bounds)


def _sensor(context: Context, sensor: Sensor) -> dict[str, Any]:
    state = context.sources.state(sensor.id).value
    return _feature(
        sensor_point(sensor), kind="sensor", id=sensor.id, name=sensor.name, type=sensor.type.value, state=state
    )


def _ground(sensor: Sensor) -> list[dict[str, Any]]:
    kinds = {area.id: "area" for area in sensor.areas} | {line.id: "line" for line in sensor.lines}
    shapes = {subject: subject_shape(sensor, subject) for subject in kinds}
    return [
        _feature(shape, kind=kinds[subject], sensor=sensor.id, subject=subject)
        for subject, shape in shapes.items()
        if shape is not None
    ]
