"""What can go wrong while fetching."""

from passerby.datatypes.errors import PasserbyError


class AssetError(PasserbyError):
    """A detector or clip cannot be had; nothing half-made is left behind."""
