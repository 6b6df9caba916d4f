"""NGSI-LD: the newest numbers as entities of the Smart Data Models, read-only; schemas in ``spec/ngsi-ld``."""
