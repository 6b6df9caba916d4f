"""The red team: attacks that an oversight board runs against the gate, with its own mandate."""
