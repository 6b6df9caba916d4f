"""The privacy unit and what keeps it: noise, interval, budget, journal."""
