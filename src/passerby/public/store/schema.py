"""The tables of the embedded store.

``releases`` lies in the order of publication: pages, batches and days read one stretch of it. ``history`` is a second
copy clustered by stream in runs: a chart reads a few row groups of it. ``settled`` says up to which id it reaches.
``days`` counts the windows that start in a UTC day, numbered from 1970.

An id is ``manifest << 20 | index``: the manifest's leaf in the log and the place of the line in its batch. It fits in
53 bits for 2³³ leaves, so that JSON readers keep it exactly.
"""

from passerby.datatypes.outage import Outage

INDEX_BITS = 20
MAX_BATCH = 1 << INDEX_BITS
OUTAGES = (None, *Outage)
OUTAGE_CODE = {outage: code for code, outage in enumerate(OUTAGES)}

_COLUMNS = """
    id BIGINT NOT NULL, stream INTEGER NOT NULL, start BIGINT NOT NULL, seconds INTEGER NOT NULL,
    value BIGINT, scale DOUBLE NOT NULL, half_width BIGINT NOT NULL, coverage SMALLINT NOT NULL,
    outage UTINYINT NOT NULL
"""

DDL = f"""
CREATE TABLE IF NOT EXISTS streams (
    stream INTEGER PRIMARY KEY, sensor VARCHAR NOT NULL, family VARCHAR NOT NULL, subject VARCHAR NOT NULL,
    category VARCHAR NOT NULL, resolution INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS batches (
    manifest BIGINT PRIMARY KEY, root VARCHAR NOT NULL UNIQUE, mandate VARCHAR NOT NULL, releases INTEGER NOT NULL,
    start BIGINT NOT NULL, until BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS releases ({_COLUMNS});
CREATE TABLE IF NOT EXISTS history ({_COLUMNS});
CREATE TABLE IF NOT EXISTS days (day INTEGER PRIMARY KEY, releases BIGINT NOT NULL, last_id BIGINT NOT NULL);
CREATE TABLE IF NOT EXISTS settled (id BIGINT NOT NULL);
"""


def release_id(manifest: int, index: int) -> int:
    """The number of a release, for ever."""
    return manifest << INDEX_BITS | index


def place_of(number: int) -> tuple[int, int]:
    """Inverse of ``release_id``: manifest and index."""
    return number >> INDEX_BITS, number & (MAX_BATCH - 1)
