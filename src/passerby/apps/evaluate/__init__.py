"""How wrong are the counts: the pipeline of production against boxes that people drew."""

from passerby.apps.evaluate.evaluation import Evaluation, Figure, evaluate
from passerby.apps.evaluate.observe import production

__all__ = ["Evaluation", "Figure", "evaluate", "production"]
