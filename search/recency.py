"""Age as a preference: newer articles weigh more, by a half-life that the caller chose.

Arithmetic over dates and scores; never applied unless a query asks for it.
"""

from __future__ import annotations

from datetime import datetime

SECONDS_A_DAY = 86_400


def age_in_days(published: datetime, as_of: datetime) -> float:
    """Days from `published` to `as_of` (both aware); what lies after `as_of` has age 0."""
    return max(0.0, (as_of - published).total_seconds() / SECONDS_A_DAY)


def decay(age_days: float | None, half_life_days: float) -> float:
    """The factor 0..1 for a score: 1 when new, 1/2 after one half-life, 1/4 after two.

    An undated article counts as two half-lives old: it is neither preferred nor buried.
    """
    return 0.25 if age_days is None else 0.5 ** (age_days / half_life_days)
