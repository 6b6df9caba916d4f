"""Serve the public side from this process: one port for site, API and log."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from fastapi import FastAPI

from passerby.datatypes.errors import PasserbyError


class PortInUseError(PasserbyError):
    """Somebody else listens where the site should."""


class ServerFailedError(PasserbyError):
    """The web server did not start."""


def check_port(host: str, port: int) -> None:
    """Raise PortInUseError where nothing can listen at the address; nothing stays open."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortInUseError(
                f"cannot listen on {host}:{port}",
                expected="a free port",
                came=error.strerror or "an error",
                remedy="Stop the program that uses it, or choose another: make demo PORT=8001.",
            ) from error


@contextmanager
def serving(app: FastAPI, host: str, port: int) -> Iterator[str]:
    """Serve ``app`` in a thread while the block runs; yields the address. Port 0 takes a free one. No access log.

    Raises PortInUseError or ServerFailedError.
    """
    check_port(host, port)
    config = uvicorn.Config(
        app, host=host, port=port, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=2
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, name="public", daemon=True)
    thread.start()
    deadline = time.monotonic() + 15
    while not server.started:
        if not thread.is_alive() or time.monotonic() > deadline:
            server.should_exit = True
            raise ServerFailedError(f"the site did not start on {host}:{port}", remedy="Run again with another port.")
        time.sleep(0.02)
    try:
        yield f"http://{host}:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(timeout=10)
