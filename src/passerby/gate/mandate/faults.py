"""What is wrong with the form of a mandate, in words for whoever wrote it."""

from collections.abc import Iterator
from typing import Any

from jsonschema import ValidationError

LONGEST = 160


def fault_texts(fault: ValidationError) -> Iterator[str]:
    """One sentence for each thing that is wrong, beginning with the field."""
    path = ".".join(str(part) for part in fault.absolute_path)
    instance: Any = fault.instance
    value = repr(instance)[:LONGEST]
    wanted: Any = fault.validator_value
    schema: Any = fault.schema
    match fault.validator:
        case "required":
            yield from (f"{_below(path, name)} is missing" for name in wanted if name not in instance)
        case "additionalProperties":
            known = schema["properties"]
            yield from (f"{_below(path, name)} is no field of a mandate" for name in instance if name not in known)
        case "enum":
            yield f"{path} is {value}, which is not on the menu: {', '.join(map(str, wanted))}"
        case "const":
            yield f"{path} is not word for word what every mandate says"
        case "pattern":
            yield f"{path} is {value}, which is not of the form {wanted}"
        case "type":
            yield f"{path or 'mandate'} is {value}, which is no {wanted}"
        case "minLength":
            yield f"{path} is empty"
        case _:
            yield f"{path}: {fault.message[:LONGEST]}"


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
