"""Under which licence a city publishes its numbers."""

from dataclasses import dataclass
from urllib.parse import urlsplit

from passerby.datatypes.errors import PasserbyError


class LicenceError(PasserbyError):
    """Text that names no licence of data."""


@dataclass(frozen=True, slots=True)
class Licence:
    """``spdx``: identifier of spdx.org/licenses, None for one that only its address names. ``url``: its text."""

    spdx: str | None
    title: str
    url: str

    @classmethod
    def parse(cls, text: str) -> "Licence":
        """From an SPDX identifier of an open licence for data, or the address of another. Raises LicenceError."""
        for known in OPEN:
            if text in (known.spdx, known.url):
                return known
        try:
            address = urlsplit(text)
            usable = address.scheme in ("https", "http") and bool(address.hostname) and text.isprintable()
        except ValueError:
            usable = False
        if not usable or any(mark in text for mark in ' <>"\\^`{|}'):
            raise LicenceError(
                "licence is not known",
                expected=f"one of {', '.join(str(known.spdx) for known in OPEN)}, or the https address of its text",
                came=repr(text)[:80],
            )
        return cls(None, text, text)


CC_BY = Licence("CC-BY-4.0", "Creative Commons Attribution 4.0", "https://creativecommons.org/licenses/by/4.0/")
OPEN = (
    CC_BY,
    Licence("CC0-1.0", "Creative Commons Zero 1.0", "https://creativecommons.org/publicdomain/zero/1.0/"),
    Licence(
        "CC-BY-SA-4.0", "Creative Commons Attribution ShareAlike 4.0", "https://creativecommons.org/licenses/by-sa/4.0/"
    ),
    Licence("ODC-By-1.0", "Open Data Commons Attribution 1.0", "https://opendatacommons.org/licenses/by/1-0/"),
    Licence("ODbL-1.0", "Open Data Commons Open Database 1.0", "https://opendatacommons.org/licenses/odbl/1-0/"),
    Licence("PDDL-1.0", "Open Data Commons Public Domain 1.0", "https://opendatacommons.org/licenses/pddl/1-0/"),
    Licence("DL-DE-BY-2.0", "Data licence Germany, attribution 2.0", "https://www.govdata.de/dl-de/by-2-0"),
    Licence("DL-DE-ZERO-2.0", "Data licence Germany, zero 2.0", "https://www.govdata.de/dl-de/zero-2-0"),
    Licence("etalab-2.0", "Licence Ouverte 2.0", "https://www.etalab.gouv.fr/licence-ouverte-open-licence/"),
    Licence("NLOD-2.0", "Norwegian Licence for Open Government Data 2.0", "https://data.norge.no/nlod/en/2.0"),
    Licence(
        "OGL-UK-3.0",
        "Open Government Licence 3.0",
        "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
    ),
)
"""Open licences for data, as SPDX names them."""
