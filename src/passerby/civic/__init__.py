"""Neighbours of the counting: each with its own store and routes. They see what is public, and nothing else."""
