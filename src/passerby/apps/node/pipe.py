"""The private pipe between the process of the gate and a worker: messages as JSON, in memory, for nobody else."""

import json
import os
import socket
import threading
from collections.abc import Mapping
from multiprocessing.connection import Connection
from typing import Any

from passerby.datatypes.errors import PasserbyError

LONGEST = 64 * 2**20
Message = dict[str, Any]


class PipeError(PasserbyError):
    """The other end sent what is no message. Nothing of it is said here."""


class Pipe:
    """One end. Any thread may send; one receives."""

    def __init__(self, descriptor: int) -> None:
        """``descriptor``: of a connected stream socket without a name; it belongs to the pipe from now on."""
        self._connection = Connection(descriptor)
        self._lock = threading.Lock()

    def send(self, message: Mapping[str, Any]) -> None:
        """Raises OSError where the other end is gone."""
        data = json.dumps(message).encode()
        with self._lock:
            self._connection.send_bytes(data)

    def receive(self) -> Message | None:
        """The next message; None once the other end is gone. Raises PipeError."""
        try:
            message = json.loads(self._connection.recv_bytes(LONGEST))
        except (EOFError, ConnectionError):
            return None
        except (OSError, ValueError):
            raise PipeError("the pipe brought no message", expected="a JSON object") from None
        if not isinstance(message, dict):
            raise PipeError("the pipe brought no message", expected="a JSON object")
        return message

    def hang_up(self) -> None:
        """Say that nothing more comes; what the other end still says can be received."""
        with self._lock, socket.socket(fileno=os.dup(self._connection.fileno())) as one:
            one.shutdown(socket.SHUT_WR)

    def close(self) -> None:
        """To be called by whoever receives."""
        with self._lock:
            self._connection.close()
