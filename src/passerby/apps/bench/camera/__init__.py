"""A camera for tests and benches: an RTSP server that plays a clip, and can be made to fail in every way that cameras
fail."""

from passerby.apps.bench.camera.clip import Clip, encode, encoded, pictures_of
from passerby.apps.bench.camera.server import RtspServer, serve

__all__ = ["Clip", "RtspServer", "encode", "encoded", "pictures_of", "serve"]
