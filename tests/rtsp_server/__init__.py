"""A camera for tests: an RTSP server that plays a clip, and can be made to fail in every way that cameras fail."""

from tests.rtsp_server.clip import Clip, encode, pictures_of
from tests.rtsp_server.server import RtspServer, serve

__all__ = ["Clip", "RtspServer", "encode", "pictures_of", "serve"]
