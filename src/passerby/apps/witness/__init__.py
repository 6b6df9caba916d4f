"""A witness as a web service."""
