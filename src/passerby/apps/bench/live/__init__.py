"""``passerby bench live``: a node whose cameras are live: too many of them, one that floods, faults, a substream."""
