"""Numbers and base64 in the one way of writing that signatures can cover: https://c2sp.org/tlog-checkpoint."""

import base64
import binascii

from passerby.tlog.errors import ParseError

LARGEST = 2**63 - 1


class NumberError(ParseError):
    """A number that is not canonical decimal."""


class Base64Error(ParseError):
    """Text that is not canonical base64 (RFC 4648, section 4, padded)."""


class HashLengthError(ParseError):
    """A hash that is not 32 bytes long."""


class EncodingError(ParseError):
    """Bytes that are not UTF-8."""


class ControlCharacterError(ParseError):
    """Text with an ASCII control character other than newline."""


def parse_decimal(text: str) -> int:
    """A whole number in [0, 2⁶³) without sign, spaces or leading zeros. Raises NumberError."""
    if not (text.isascii() and text.isdigit()) or (text[0] == "0" and text != "0") or len(text) > 19:
        raise NumberError(
            "number is not canonical", expected="ASCII decimal without leading zeros", came=repr(text[:40])
        )
    number = int(text)
    if number > LARGEST:
        raise NumberError("number is too large", expected="less than 2^63", came=text)
    return number


def parse_base64(text: str) -> bytes:
    """Bytes whose standard base64 is exactly ``text``. Raises Base64Error."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not text or base64.b64encode(data).decode("ascii") != text:
        raise Base64Error(
            "text is not canonical base64", expected="RFC 4648 section 4 with padding", came=repr(text[:40])
        )
    return data


def format_base64(data: bytes) -> str:
    """Standard base64 with padding."""
    return base64.b64encode(data).decode("ascii")


def parse_hash(text: str) -> bytes:
    """32 bytes from base64. Raises Base64Error or HashLengthError."""
    data = parse_base64(text)
    if len(data) != 32:
        raise HashLengthError("hash has the wrong length", expected="32 bytes", came=f"{len(data)} bytes")
    return data


def parse_text(data: bytes) -> str:
    """UTF-8 text whose only control character is newline. Raises EncodingError or ControlCharacterError."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise EncodingError("text is not UTF-8", came=f"byte 0x{data[error.start]:02x} at {error.start}") from error
    for position, byte in enumerate(data):
        if byte < 0x20 and byte != 0x0A:
            raise ControlCharacterError(
                "text has a control character", expected="none but newline", came=f"0x{byte:02x} at {position}"
            )
    return text
