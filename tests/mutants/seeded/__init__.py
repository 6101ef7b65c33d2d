"""The list. A fault is what somebody could write by mistake, or leave out, in a single place.

Where two walls stand behind one another (service and trigger, policy and SQL), each is broken alone.
"""

from __future__ import annotations

from tests.mutants.seeded.borders import BORDERS
from tests.mutants.seeded.copies import COPIES
from tests.mutants.seeded.deciding import DECIDING
from tests.mutants.seeded.identity import IDENTITY
from tests.mutants.seeded.trail import TRAIL
from tests.mutants.seeded.who_may import WHO_MAY

MUTANTS = WHO_MAY + COPIES + DECIDING + TRAIL + IDENTITY + BORDERS
