"""Tell people what a monitor saw."""
