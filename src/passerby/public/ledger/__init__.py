"""The open log: append, publish, have witnesses cosign, fetch, check and watch it."""
