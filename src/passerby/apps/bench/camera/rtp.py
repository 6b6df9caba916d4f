"""RTP packets of a picture: RFC 3550, H.264 by RFC 6184, H.265 by RFC 7798."""

import base64
import struct
from collections.abc import Iterator, Sequence

from passerby.apps.bench.camera.clip import Clip, Codec

CLOCK_RATE = 90_000
PAYLOAD_TYPE = 96
_LARGEST = 1200


def packets(units: Sequence[bytes], codec: Codec, *, sequence: int, stamp: int, source: int) -> Iterator[bytes]:
    """All packets of one picture; the last bears the marker. ``sequence``: of the first."""
    payloads = [payload for unit in units for payload in _payloads(unit, codec)]
    for number, payload in enumerate(payloads):
        marker = 0x80 if number == len(payloads) - 1 else 0
        head = (sequence + number) & 0xFFFF, stamp & 0xFFFFFFFF, source
        yield struct.pack("!BBHII", 0x80, marker | PAYLOAD_TYPE, *head) + payload


def describe(clip: Clip, *, bare: bool = False) -> str:
    """The session in SDP (RFC 8866). ``bare``: without the parameter sets, as some cameras do."""
    sets = [base64.b64encode(unit).decode() for unit in clip.parameter_sets]
    if clip.codec == "h264":
        media = f"a=rtpmap:{PAYLOAD_TYPE} H264/{CLOCK_RATE}\r\n"
        media += f"a=fmtp:{PAYLOAD_TYPE} packetization-mode=1"
        media += "\r\n" if bare else f";sprop-parameter-sets={','.join(sets)}\r\n"
    else:
        media = f"a=rtpmap:{PAYLOAD_TYPE} H265/{CLOCK_RATE}\r\n"
        names = [f"sprop-{name}={text}" for name, text in zip(("vps", "sps", "pps"), sets, strict=True)]
        media += "" if bare else f"a=fmtp:{PAYLOAD_TYPE} {';'.join(names)}\r\n"
    return (
        "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=camera\r\nc=IN IP4 0.0.0.0\r\nt=0 0\r\na=control:*\r\n"
        f"m=video 0 RTP/AVP {PAYLOAD_TYPE}\r\n{media}a=control:video\r\n"
    )


def _payloads(unit: bytes, codec: Codec) -> Iterator[bytes]:
    """One payload, or fragments where the unit is too large."""
    if len(unit) <= _LARGEST:
        yield unit
        return
    header = 1 if codec == "h264" else 2
    body = unit[header:]
    for begin in range(0, len(body), _LARGEST):
        edge = (0x80 if begin == 0 else 0) | (0x40 if begin + _LARGEST >= len(body) else 0)
        if codec == "h264":
            lead = bytes([unit[0] & 0xE0 | 28, edge | unit[0] & 31])
        else:
            lead = bytes([unit[0] & 0x81 | 49 << 1, unit[1], edge | unit[0] >> 1 & 63])
        yield lead + body[begin : begin + _LARGEST]
