"""Detectors and sample clips: fetched through the ordinary clients, checked by digest, kept in the user's cache."""
