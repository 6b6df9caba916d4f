"""Measure ↔ rows, for the private pipe between the process that counts and the one that owns the gate."""

from passerby.edge.transfer.rows import TransferError, from_rows, to_rows

__all__ = ["TransferError", "from_rows", "to_rows"]
