"""Passerby: count the city without watching its people."""

import zoneinfo

__version__ = "0.1.0"

# Civil days, and so budgets and expiry, follow the locked tzdata package: no PYTHONTZPATH and no file of the system
# moves them.
zoneinfo.reset_tzpath(())
