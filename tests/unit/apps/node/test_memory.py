"""What is given back, and that nothing is lost with it."""

import subprocess
import sys

import pytest

from passerby.apps.node.memory import _untouched

MAPPINGS = """\
7f10a000-7f10f000 r-xp 00010000 08:01 77   /opt/with a space/one.so
Size:                 20 kB
Rss:                  20 kB
Private_Dirty:         0 kB
Anonymous:             0 kB
VmFlags: rd ex mr mw me
7f10f000-7f110000 r--p 00020000 08:01 77   /opt/with a space/one.so
Size:                  4 kB
Anonymous:             4 kB
VmFlags: rd mr mw me ac
7f110000-7f112000 rw-p 00020000 08:01 77   /opt/with a space/one.so
Size:                  8 kB
Anonymous:             0 kB
7f112000-7f113000 r--p 00000000 08:01 77   /opt/two.so (deleted)
Size:                  4 kB
Anonymous:             0 kB
7f113000-7f114000 r--s 00000000 08:01 78   /opt/shared
Size:                  4 kB
Anonymous:             0 kB
7f114000-7f115000 r--p 00000000 00:00 0
Size:                  4 kB
Anonymous:             0 kB
7ffc2000-7ffc4000 r-xp 00000000 00:00 0    [vdso]
Size:                  8 kB
Anonymous:             0 kB
"""

GIVEN = """
import numpy
from passerby.apps.node.memory import give_back

def resident():
    return next(int(line.split()[1]) for line in open("/proc/self/smaps_rollup") if line.startswith("Rss:"))

before = resident()
give_back()
after = resident()
assert (numpy.linalg.inv(numpy.eye(3) * 2) == numpy.eye(3) / 2).all()
print(before - after)
"""


def test_only_what_can_come_back_is_dropped() -> None:
    assert list(_untouched(MAPPINGS)) == [(0x7F10A000, 0x5000), (0x7F112000, 0x1000)]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says what is mapped")
def test_libraries_work_on_after_their_pages_were_given_back() -> None:
    found = subprocess.run([sys.executable, "-c", GIVEN], capture_output=True, text=True, check=True)
    assert int(found.stdout) > 2_000, "kB"
