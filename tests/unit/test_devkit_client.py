"""Values on their way to Firestore's REST API and back."""

from __future__ import annotations

from datetime import UTC

from hypothesis import given
from hypothesis import strategies as some

from devkit.client import Value, decoded, encoded

SINGLE = (
    some.none()
    | some.booleans()
    | some.integers(-(2**63), 2**63 - 1)
    | some.floats(allow_nan=False, allow_infinity=False)
    | some.text()
    | some.binary()
    | some.datetimes(timezones=some.just(UTC))
)
VALUES = some.recursive(
    SINGLE,
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(), inner, max_size=3),
    max_leaves=8,
)


@given(some.dictionaries(some.text(), VALUES, max_size=4))
def test_fields_come_back_as_they_went(fields: dict[str, Value]) -> None:
    assert decoded(encoded(fields)) == fields


@given(some.dictionaries(some.text(), SINGLE, max_size=4))
def test_kinds_are_told_apart(fields: dict[str, Value]) -> None:
    """True is no 1 and 1.0 is no 1: rules ask for the kind."""
    returned = decoded(encoded(fields))
    assert {name: type(value) for name, value in returned.items()} == {
        name: type(value) for name, value in fields.items()
    }
