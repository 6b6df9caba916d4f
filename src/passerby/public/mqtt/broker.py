"""Where the broker is."""

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from passerby.datatypes.errors import PasserbyError

_PORTS = {"mqtt": 1883, "mqtts": 8883}


class BrokerAddressError(PasserbyError):
    """An address that names no broker."""


@dataclass(frozen=True, slots=True)
class Broker:
    """An address; the password is never shown."""

    host: str
    port: int
    encrypted: bool
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    @classmethod
    def parse(cls, url: str) -> "Broker":
        """Read ``mqtt://name:password@host:port``, or ``mqtts://`` for TLS. Raises BrokerAddressError."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            parts, port = urlsplit(""), None
        if parts.scheme not in _PORTS or not parts.hostname or parts.path not in ("", "/") or parts.query:
            raise BrokerAddressError("broker has no usable address", expected="mqtt://host:1883 or mqtts://host:8883")
        return cls(
            parts.hostname,
            _PORTS[parts.scheme] if port is None else port,
            parts.scheme == "mqtts",
            None if parts.username is None else unquote(parts.username),
            None if parts.password is None else unquote(parts.password),
        )
