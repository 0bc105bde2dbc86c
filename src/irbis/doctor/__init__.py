"""irbis doctor: is everything there that a job needs? Each finding in plain words.

A check yields findings: what was found, what it means, what to do. No check can stop the others,
and none may hang: each has a limit on its time. Faults count; notes (an extra that is not
installed) do not.
"""

from irbis.doctor.examination import NAMES, examine
from irbis.doctor.finding import Finding

__all__ = ["NAMES", "Finding", "examine"]
