"""All attacks against the gate, and each against the gate that was broken for it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from passerby.apps.attack.broken import PLANTED
from passerby.apps.attack.channels import side_channels
from passerby.apps.attack.door import Door
from passerby.apps.attack.numbers import Effort, MakeDoor, differencing, low_order_bits, membership, small_counts, worst
from passerby.apps.attack.people import long_dweller
from passerby.apps.attack.records import averaging, ledger
from passerby.apps.attack.statistics import Outcome
from passerby.apps.attack.target import Target
from passerby.datatypes.mandate import Mandate

Attack = Callable[[MakeDoor, Target, Effort, Path], Outcome]
Progress = Callable[[str], None]

ATTACKS: Mapping[str, Attack] = {
    "membership": membership,
    "averaging": averaging,
    "differencing": differencing,
    "small_counts": small_counts,
    "low_order_bits": low_order_bits,
    "ledger": ledger,
    "long_dweller": long_dweller,
    "side_channels": side_channels,
}

PLANTED_EPSILON, PLANTED_TRIALS = 2.0, 1_000


@dataclass(frozen=True, slots=True)
class Report:
    """``attacks``: the worst outcome of each over all mandates. ``planted``: how each broken gate did."""

    attacks: Mapping[str, Outcome]
    planted: Mapping[str, Outcome]

    @property
    def all_held(self) -> bool:
        """Whether the gate held against every attack."""
        return all(outcome.held for outcome in self.attacks.values())

    @property
    def caught(self) -> int:
        """How many broken gates were caught."""
        return sum(not outcome.held for outcome in self.planted.values())


def run(mandates: Sequence[Mandate], effort: Effort, tell: Progress) -> Report:
    """Attack the real gate with each mandate, the broken gates with one of them at an ε that a short test can tell.

    It is the first of a camera, or of a counter where there is no camera.
    """
    targets = sorted((Target.of(mandate) for mandate in mandates), key=lambda target: target.is_counter)
    attacks, planted = {}, {}
    loud = targets[0].louder(PLANTED_EPSILON)
    hard = replace(effort, least=min(PLANTED_TRIALS, effort.trials))
    with TemporaryDirectory(prefix="passerby-attack-") as folder:
        scratch = Path(folder)
        for name, attack in ATTACKS.items():
            tell(f"{name} …")
            attacks[name] = worst([attack(Door, target, effort, scratch) for target in targets])
        for name, (broken, attack_name) in PLANTED.items():
            tell(f"planted: {name} …")
            planted[name] = ATTACKS[attack_name](broken, loud, hard, scratch)
    return Report(attacks, planted)
