"""Passwords as people type them."""

import pytest

from passerby.edge.capture.address import normalised


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("rtsp://10.0.0.7/live", "rtsp://10.0.0.7/live"),
        ("rtsp://10.0.0.7/user@1", "rtsp://10.0.0.7/user@1"),
        ("rtsp://admin:p@ss:1%@10.0.0.7:554/live?x=a@b", "rtsp://admin:p%40ss%3A1%25@10.0.0.7:554/live?x=a@b"),
        ("rtsp://admin:p%40ss%2F@10.0.0.7", "rtsp://admin:p%40ss%2F@10.0.0.7"),
        ("rtsp://admin:ü &+@[::1]:554/live", "rtsp://admin:%C3%BC%20%26%2B@[::1]:554/live"),
        ("rtsp://admin@10.0.0.7/live", "rtsp://admin@10.0.0.7/live"),
    ],
)
def test_a_login_is_encoded_and_the_rest_is_left(typed: str, meant: str) -> None:
    assert normalised(typed) == meant
    assert normalised(meant) == meant
