"""Fusing findings: what must hold for any numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from media_integrity.decision.fusion import fuse
from media_integrity.schema.enums import DetectionMethod

COMPRESSION, METADATA = DetectionMethod.COMPRESSION, DetectionMethod.METADATA
WEIGHTS = {COMPRESSION: 0.5, METADATA: 0.3}
CAP = 1.5

probabilities = st.floats(0, 1)


def fused(probability: float, compression: float = 0.0, metadata: float = 0.0) -> float:
    support = {COMPRESSION: compression, METADATA: metadata}
    return fuse(probability, support, WEIGHTS, cap=CAP).probability


@given(probabilities)
def test_without_support_a_finding_keeps_its_probability(probability: float) -> None:
    assert fused(probability) == pytest.approx(probability, abs=2e-6)


@given(probabilities, probabilities, probabilities, probabilities)
def test_more_evidence_never_lowers_the_result(
    probability: float, compression: float, metadata: float, more: float
) -> None:
    before = fused(probability, compression, metadata)
    assert fused(max(probability, more), compression, metadata) >= before
    assert fused(probability, max(compression, more), metadata) >= before
    assert fused(probability, compression, max(metadata, more)) >= before


@given(probabilities, probabilities, probabilities)
def test_support_adds_no_more_than_the_cap(
    probability: float, compression: float, metadata: float
) -> None:
    most = fuse(probability, {COMPRESSION: 1.0}, {COMPRESSION: 2.0}, cap=CAP).probability
    assert fused(probability, compression, metadata) <= most + 1e-12


def test_support_that_speaks_against_takes_nothing_away() -> None:
    assert fused(0.9, compression=0.01, metadata=0.01) == pytest.approx(0.9)


def test_names_what_raised_it_and_nothing_else() -> None:
    support = {COMPRESSION: 0.8, METADATA: 0.5, DetectionMethod.VIDEO: 0.99}
    assert fuse(0.7, support, WEIGHTS, cap=CAP).supported_by == (COMPRESSION,)
