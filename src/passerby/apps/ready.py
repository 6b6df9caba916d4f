"""``python -m passerby.apps.ready PARENT``: a detector in the form that a backend loads, made in a process that ends
with all that it took. What changes networks, compiles them, and stays behind is more than what running one takes."""

import hashlib
import json
import sys
from pathlib import Path

from passerby.apps.node.confinement import end_with, leave_no_core
from passerby.edge.detection import Backend, fitted, read_spec, ready


def main(parent: int) -> None:
    """Take an order from standard input, as JSON, and give the model to standard output; a fault is one line of
    standard error.

    ``text``, ``path``: the description and the file of the detector. ``picture``, ``share``: as ``fitted`` says.
    ``backend``: fields of one.
    """
    leave_no_core()
    end_with(parent)
    order = json.loads(sys.stdin.buffer.read())
    spec, model = read_spec(order["text"]), Path(order["path"]).read_bytes()
    if hashlib.sha256(model).hexdigest() != spec.sha256:
        sys.exit(f"{Path(order['path']).name} is another file")
    try:
        spec, model = fitted(spec, model, tuple(order["picture"]), order["share"])
        model = ready(model, Backend(**order["backend"]), spec.divide)
    except Exception as error:
        sys.exit(type(error).__name__)
    sys.stdout.buffer.write(model)


if __name__ == "__main__":
    main(int(sys.argv[1]))
