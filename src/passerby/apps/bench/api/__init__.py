"""How fast the public API answers in a large city: a year of releases, a real server, a load generator."""
