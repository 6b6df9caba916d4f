"""From exact to public: the only place where a Release is made."""

from collections.abc import Sequence

from passerby.datatypes.mandate import Mandate
from passerby.datatypes.release import Release
from passerby.datatypes.resolution import Resolution
from passerby.gate.privacy.mechanism import MechanismError, half_width, randomize, scale_of, spent
from passerby.gate.privacy.totals import Exact

_ROUNDING = 1e-9
COVERAGE_STEP = 50
"""Thousandths to which coverage is rounded: how many frames a busy machine missed is nobody's business."""


def release(values: Sequence[Exact], resolution: Resolution, mandate: Mandate) -> list[Release]:
    """Randomise once what one mandate releases at one resolution. The caller journals it before anybody sees it.

    Noise is drawn for outages too and thrown away, so that the work does not depend on what happened. Raises
    MechanismError where the noise would cost more than the mandate declares.
    """
    released: list[Release | None] = [None] * len(values)
    for family in sorted({exact.cell.family for exact in values}):
        mine = [k for k, exact in enumerate(values) if exact.cell.family is family]
        sensitivity, epsilon = mandate.sensitivity(family), mandate.budgets[family].epsilon * resolution.share
        scale = scale_of(sensitivity, epsilon)
        if spent(sensitivity, scale) > float(epsilon) * (1 + _ROUNDING):
            raise MechanismError(
                f"noise of {family.value} is too small",
                expected=f"ε {float(epsilon)}",
                came=str(spent(sensitivity, scale)),
            )
        width = half_width(scale)
        noisy = randomize([values[k].value or 0 for k in mine], scale)
        for k, value in zip(mine, noisy, strict=True):
            exact = values[k]
            released[k] = Release(
                exact.cell,
                exact.window,
                value if exact.outage is None else None,
                scale,
                width,
                COVERAGE_STEP * round(1000 * exact.coverage / COVERAGE_STEP),
                exact.outage,
                mandate.hash,
            )
    return [one for one in released if one is not None]
