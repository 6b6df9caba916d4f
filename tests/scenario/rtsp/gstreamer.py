"""Somebody else's server: GStreamer's, for the system's Python, which has its bindings.

``python3 gstreamer.py CODEC PORT METHOD LOGIN``: prints the port and serves a moving ball at ``/live``. ``METHOD``:
``basic`` or ``digest``; no login where ``LOGIN`` is empty. Port 0 takes a free one.
"""

import sys

import gi  # type: ignore[import-not-found]

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")

from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # type: ignore[import-not-found]  # noqa: E402

WATCHER = "watcher, media.factory.access=(boolean)true, media.factory.construct=(boolean)true"
RATE = 10


def main(codec: str, port: str, method: str, login: str) -> None:
    """Serve until killed."""
    Gst.init(None)
    encoder, number = {"h264": ("x264enc", "264"), "h265": ("x265enc", "265")}[codec]
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(port)
    factory = GstRtspServer.RTSPMediaFactory()
    factory.set_shared(True)
    factory.set_launch(
        f"( videotestsrc is-live=true pattern=ball ! video/x-raw,width=320,height=240,framerate={RATE}/1 "
        f"! {encoder} tune=zerolatency speed-preset=ultrafast key-int-max={RATE} ! h{number}parse "
        f"! rtph{number}pay name=pay0 pt=96 config-interval=1 )"
    )
    if login:
        user, _, password = login.partition(":")
        auth, token = GstRtspServer.RTSPAuth(), GstRtspServer.RTSPToken()
        token.set_string("media.factory.role", "watcher")
        if method == "digest":
            auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
            auth.add_digest(user, password, token)
        else:
            auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
        server.set_auth(auth)
        factory.add_role_from_structure(Gst.Structure.new_from_string(WATCHER))
    server.get_mount_points().add_factory("/live", factory)
    server.attach(None)
    print(server.get_bound_port(), flush=True)
    GLib.MainLoop().run()


if __name__ == "__main__":
    main(*sys.argv[1:5])
