"""What an evaluation found. Plain frozen data, to be written, compared and held against floors."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from search.evaluation.dataset import Dataset


@dataclass(frozen=True, slots=True)
class Sample:
    """Which questions were asked.

    Attributes:
        most: how many were wanted at most; None for all.
        questions: how many were asked.
        of: how many the set has.
        unanswerable: how many of those without an answer were asked.
        ids: SHA-256 of the ids of all that were asked, in order.
    """

    most: int | None
    questions: int
    of: int
    unanswerable: int
    ids: str

    @classmethod
    def of_dataset(cls, whole: Dataset, most: int | None) -> Sample:
        """The sample of at most `most` questions of the `whole` set."""
        asked = whole.sample(most)
        ids = "\n".join(question.id for question in (*asked.questions, *asked.unanswerable))
        digest = hashlib.sha256(ids.encode()).hexdigest()
        return cls(most, len(asked.questions), len(whole.questions), len(asked.unanswerable), digest)


@dataclass(frozen=True, slots=True)
class ModeResult:
    """One mode's figures by name (`search.evaluation.metrics`), and by question the rank of the first relevant
    document, from 1; None when it was not found."""

    mode: str
    figures: Mapping[str, float]
    first_relevant: Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The figures of all modes on one set.

    Attributes:
        dataset: the set's name.
        digest: SHA-256 of the judged set.
        sample: which of its questions were asked.
        documents: how many documents the set has.
        rejected: those that could not be stored, by id and reason.
        passages: how many passages the library has.
        lost_spans: how many gold spans could not be found in the articles.
        model: the embedding model.
        measured: the day, in UTC.
        machine: the processor.
        modes: the figures, in the order asked for.
    """

    dataset: str
    digest: str
    sample: Sample
    documents: int
    rejected: Sequence[str]
    passages: int
    lost_spans: int
    model: str
    measured: str
    machine: str
    modes: Sequence[ModeResult]

    def as_dict(self) -> dict[str, Any]:
        """Everything, JSON-compatible."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Evaluation:
        """The evaluation that `as_dict` was made of."""
        modes = [ModeResult(**mode) for mode in values["modes"]]
        return cls(**{**values, "sample": Sample(**values["sample"]), "modes": modes})
