"""Counts that a city's own counters made → Measure."""

from passerby.edge.counters.archive import CounterArchive, CounterArchiveError, read_archive

__all__ = ["CounterArchive", "CounterArchiveError", "read_archive"]
