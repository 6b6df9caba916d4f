"""Addresses of cameras, with passwords as people type them."""

from urllib.parse import quote, unquote


def normalised(url: str) -> str:
    """The address with its login percent-encoded: what is encoded stays, what is not becomes so.

    ``rtsp://admin:p@ss:1%@10.0.0.7/live`` → ``rtsp://admin:p%40ss%3A1%25@10.0.0.7/live``. Of all characters only ``/``,
    ``?`` and ``#`` must be encoded already, since they end the login (RFC 3986).
    """
    scheme, mark, rest = url.partition("://")
    end = min((rest.find(c) for c in "/?#" if c in rest), default=len(rest))
    login, at, host = rest[:end].rpartition("@")
    if not mark or not at:
        return url
    user, colon, password = login.partition(":")
    return f"{scheme}://{_encoded(user)}{colon}{_encoded(password)}@{host}{rest[end:]}"


def _encoded(text: str) -> str:
    return quote(unquote(text), safe="")
