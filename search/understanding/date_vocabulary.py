"""What has to be known of a language to find its dates: which words and forms there are. Holds none itself.

Everything is written folded: lower case, without accents, ``'`` for every apostrophe. A form is a regular expression
with names in braces: ``{day}``, ``{month}`` and ``{year}`` of a date; ``{sure}``, a month whose name is no other word;
``{count}``, a number; ``{unit}``, an hour, day, week, month or year; ``{long}``, a week, month or year;
``{weekday}`` and ``{season}`` by their names; ``{point}``, ``{first}`` and ``{second}``, points in time as
`DateWords.point` says them.
"""

from __future__ import annotations

from dataclasses import dataclass

Forms = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DateWords:
    """One language's words and forms.

    Attributes:
        months: names of the months, January first.
        doubtful: those of the names that are other words too: with a year alone beside them they are no month.
        weekdays: names of the days of the week, Monday first.
        seasons: spring, summer, autumn and winter, as they are on the northern half of the earth.
        units: hour, day, week, month and year.
        numbers: words for 2, 3, and so on.
        few: words for a small number of days, weeks or months; they count as three.
        point: a day, month or year, as it stands after "since" or "between".
        between: two points and all that lies between them.
        since: a point and all that came after it.
        before: all that came before a year, or a month of it.
        after: all that came after it.
        date: a day, with its year or without.
        month: a month, with its year or without; a name alone could be anybody's.
        season: a season, the latest that has begun where no year is named.
        year: a year that is said to be one; four digits alone could be anything.
        ago: one day, week, month or year so many of them ago.
        past: so many units up to now; one where there is no ``{count}``.
        last: the week, month or year before this one.
        this: this week, month or year.
        weekend: the latest Saturday and Sunday that have begun.
        weekday: the latest such day before today; all days from it on where ``since`` stands as a part of that name.
        day_before: the day before yesterday.
        yesterday: that day.
        today: this day, or a part of it.
        recent: some weeks up to now.
        counted: what is counted by four digits that are no year.
        homographs: words for a day that are words of another language too; they need one of `cues` beside them.
        cues: words, or parts of them, that tell the language, accents kept.
    """

    months: Forms
    weekdays: Forms
    seasons: Forms
    units: Forms
    numbers: Forms
    few: str
    point: str
    between: Forms
    since: Forms
    before: Forms
    after: Forms
    date: Forms
    month: Forms
    season: Forms
    year: Forms
    ago: Forms
    past: Forms
    last: Forms
    this: Forms
    weekend: Forms
    weekday: Forms
    day_before: Forms
    yesterday: Forms
    today: Forms
    recent: Forms
    counted: str
    doubtful: frozenset[str] = frozenset()
    homographs: str = ""
    cues: str = ""
