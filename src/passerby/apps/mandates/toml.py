"""Write a mandate's JSON values as the TOML that people read."""

import json
from collections.abc import Iterator, Mapping
from typing import Any


def write_toml(document: Mapping[str, Any]) -> str:
    """TOML 1.0; ``parse_toml`` reads the same values back."""
    return "\n".join(_table("", document)).lstrip("\n") + "\n"


def _table(path: str, table: Mapping[str, Any]) -> Iterator[str]:
    plain = {key: value for key, value in table.items() if not _is_table(value)}
    yield from (f"{key} = {_value(value)}" for key, value in plain.items())
    for key, value in table.items():
        name = f"{path}.{key}" if path else key
        if isinstance(value, Mapping):
            yield from ("", f"[{name}]", *_table(name, value))
        elif _is_table(value):
            for part in value:
                yield from ("", f"[[{name}]]", *_table(name, part))


def _is_table(value: Any) -> bool:
    return isinstance(value, Mapping) or (isinstance(value, list) and bool(value) and isinstance(value[0], Mapping))


def _value(value: Any) -> str:
    if isinstance(value, list):
        return f"[{', '.join(_value(part) for part in value)}]"
    # JSON's strings, numbers and truth values are TOML's, once no surrogate pair is escaped.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
