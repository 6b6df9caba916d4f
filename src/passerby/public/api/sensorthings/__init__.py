"""OGC SensorThings 1.1, read-only: sensing entities over the releases.

Thing: a camera or counter. Datastream: a cell at one resolution. Observation: a release. FeatureOfInterest: the line,
area or counter that is measured. ObservedProperty: a family and category. Sensor: how it is measured.
"""
