"""Where the broker is."""

import ssl
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from passerby.datatypes.errors import PasserbyError

_PORTS = {"mqtt": 1883, "mqtts": 8883}


class BrokerAddressError(PasserbyError):
    """An address that names no broker."""


@dataclass(frozen=True, slots=True)
class Broker:
    """An address; the password is never shown. ``authority``: PEM file of the only certificate authority to trust."""

    host: str
    port: int
    encrypted: bool
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    authority: Path | None = None

    def tls(self) -> ssl.SSLContext | None:
        """What the broker must prove; None where nothing is encrypted. Raises BrokerAddressError."""
        if not self.encrypted:
            return None
        try:
            return ssl.create_default_context(cafile=self.authority)
        except OSError as error:
            raise BrokerAddressError(
                f"cannot use the certificate authority {self.authority}",
                expected="a PEM file",
                came=error.strerror or type(error).__name__,
            ) from error

    @classmethod
    def parse(cls, url: str, authority: Path | None = None) -> "Broker":
        """Read ``mqtt://name:password@host:port``, or ``mqtts://`` for TLS. Raises BrokerAddressError."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            parts, port = urlsplit(""), None
        if parts.scheme not in _PORTS or not parts.hostname or parts.path not in ("", "/") or parts.query:
            raise BrokerAddressError("broker has no usable address", expected="mqtt://host:1883 or mqtts://host:8883")
        if authority is not None and parts.scheme != "mqtts":
            raise BrokerAddressError("a certificate authority is named for a broker without TLS", expected="mqtts://")
        return cls(
            parts.hostname,
            _PORTS[parts.scheme] if port is None else port,
            parts.scheme == "mqtts",
            None if parts.username is None else unquote(parts.username),
            None if parts.password is None else unquote(parts.password),
            authority,
        )
