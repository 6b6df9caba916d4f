"""JSON as it is hashed and logged."""

from collections.abc import Mapping
from typing import Any

import rfc8785


def canonical(values: Mapping[str, Any]) -> bytes:
    """RFC 8785."""
    return rfc8785.dumps(dict(values))
