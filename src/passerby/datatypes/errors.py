"""The root of every error that Passerby raises on purpose."""


class PasserbyError(Exception):
    """Something is not as it must be; says what was expected, what came and what to do.

    Subclasses name the failure. A message never holds anything of a person: no count, position or pixel.
    """

    def __init__(self, problem: str, *, expected: str = "", came: str = "", remedy: str = "") -> None:
        self.problem = problem
        self.expected = expected
        self.came = came
        self.remedy = remedy
        parts = [problem.rstrip(".")]
        if expected:
            parts.append(f"expected {expected}")
        if came:
            parts.append(f"got {came}")
        message = "; ".join(parts) + "."
        super().__init__(f"{message} {remedy}".rstrip())


class InvalidGeometryError(PasserbyError):
    """A line, area, place or window that cannot be measured."""


class InvalidValueError(PasserbyError):
    """A value outside the domain of its noun."""
