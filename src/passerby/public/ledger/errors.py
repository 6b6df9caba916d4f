"""What can go wrong while a log is kept. Files that cannot be read or written raise OSError as everywhere."""

from passerby.datatypes.errors import PasserbyError


class LedgerError(PasserbyError):
    """The log cannot go on as asked."""


class LedgerInUseError(LedgerError):
    """Another process writes this log."""


class LedgerBrokenError(LedgerError):
    """A write failed in a way that only opening the log anew can mend."""


class JournalDamagedError(LedgerError):
    """Acknowledged leaves in the journal can no longer be read."""


class LeavesLostError(LedgerError):
    """The disk holds fewer leaves than the log signed for."""


class WrongSignerError(LedgerError):
    """The key does not belong to this log."""


class WitnessError(LedgerError):
    """A witness did not cosign."""


class WitnessAheadError(WitnessError):
    """A witness cosigned a larger tree of this log than exists here: leaves were lost, or somebody else has the key."""
