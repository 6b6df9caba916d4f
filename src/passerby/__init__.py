"""Passerby: count the city without watching its people."""

import os
import zoneinfo

__version__ = "0.1.0"

# Civil days, and so budgets and expiry, follow the locked tzdata package: no PYTHONTZPATH and no file of the system
# moves them.
zoneinfo.reset_tzpath(())

# ONNX Runtime reads this when it is imported. Without it, it keeps a number of this machine and reports to its maker.
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
