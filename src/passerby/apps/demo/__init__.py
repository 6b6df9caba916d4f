"""A whole city on one machine, for a few minutes: ceremony, mandates, cameras, counters, and the verdict."""
