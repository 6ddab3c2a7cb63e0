"""How many cores an instance of the scanning function has: the one number behind every thread.

- Signals and views are computed side by side, so many at a time, each on one thread
  (``signals.runtime``, ``scanning.examine``).
- A film is decoded while nothing else runs, on all cores (``media.film``). Sound is decoded on one.
- OpenCV and NumPy's library count the cores that the container gives them. OpenCV has one pool for
  the process, and a call that comes while it is busy runs on the thread that makes it. So signals
  side by side have a thread more than there are cores at the most, for milliseconds. One thread by
  force would gain them little and take one of two cores from the opening of every picture.
"""

from __future__ import annotations

from typing import Final

CORES: Final = 2
