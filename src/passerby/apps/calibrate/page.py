"""A page on this machine alone, while the command runs, to click surveyed points on the empty background."""

import json
import queue
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from threading import Thread

from passerby.datatypes.errors import InvalidGeometryError

Points = list[tuple[tuple[float, float], tuple[float, float]]]
Draw = Callable[[Points], bytes]
"""PNG of the ground grid that points give; raises InvalidGeometryError where they give none."""
LARGEST_BODY = 65536


class ClickPage:
    """Serves the plate, never a frame, on 127.0.0.1; a context manager. ``url``: where."""

    def __init__(self, plate: bytes, picture: tuple[int, int], draw: Draw, port: int = 0) -> None:
        """``port``: 0 takes a free one."""
        self._points: queue.Queue[Points] = queue.Queue()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(plate, picture, draw, self._points))
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"

    def wait(self) -> Points:
        """Points in px of the picture and m, once somebody finished."""
        return self._points.get()

    def __enter__(self) -> "ClickPage":
        Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(
    plate: bytes, picture: tuple[int, int], draw: Draw, points: queue.Queue[Points]
) -> type[BaseHTTPRequestHandler]:
    page = files("passerby.apps.calibrate").joinpath("page.html").read_text("utf-8")
    page = page.replace("{{width}}", str(picture[0])).replace("{{height}}", str(picture[1]))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/":
                self._answer(HTTPStatus.OK, "text/html; charset=utf-8", page.encode())
            elif self.path == "/plate.png":
                self._answer(HTTPStatus.OK, "image/png", plate)
            else:
                self._answer(HTTPStatus.NOT_FOUND, "text/plain", b"")

        def do_POST(self) -> None:
            host = self.headers.get("Host", "")
            origin = self.headers.get("Origin", f"http://{host}")
            size = int(self.headers.get("Content-Length") or 0)
            if self.path not in ("/points", "/grid") or origin != f"http://{host}" or not 0 < size <= LARGEST_BODY:
                self._answer(HTTPStatus.FORBIDDEN, "text/plain", b"")
                return
            try:
                given = [
                    ((float(p["pixel"][0]), float(p["pixel"][1])), (float(p["metres"][0]), float(p["metres"][1])))
                    for p in json.loads(self.rfile.read(size))
                ]
            except (ValueError, KeyError, TypeError, IndexError):
                self._answer(HTTPStatus.BAD_REQUEST, "text/plain", b"")
                return
            try:
                drawn = draw(given)
            except InvalidGeometryError as error:
                self._answer(HTTPStatus.BAD_REQUEST, "text/plain; charset=utf-8", str(error).encode())
                return
            if self.path == "/grid":
                self._answer(HTTPStatus.OK, "image/png", drawn)
                return
            self._answer(HTTPStatus.NO_CONTENT, "text/plain", b"")
            points.put(given)

        def _answer(self, status: HTTPStatus, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing is logged."""

    return Handler
