"""Passerby: count the city without watching its people."""

__version__ = "0.1.0"
