"""A track of points: it behaves as the tuple of the points that it has."""

from math import nan

import pytest

from smtop.metrics.domain.series import Point, SampleState, Track, not_collected
from tests.support.engine import at

STARTS = [at(4), at(3), at(2)]


@pytest.mark.parametrize("values", [[1.0, nan, 3.0], [nan, nan, nan], [0.0, 0.0, nan], []])
def test_a_track_is_the_tuple_of_its_points(values: list[float]) -> None:
    starts = STARTS[: len(values)]
    track = Track(starts, values)
    points = tuple(Point(start, value) for start, value in zip(starts, values, strict=True) if value == value)  # noqa: PLR0124 - NaN
    assert bool(track) is bool(points)
    assert tuple(reversed(track)) == points[::-1]
    assert tuple(track) == points
    assert track == points
    assert len(track) == len(points)
    assert track[-2:] == points[-2:]


def test_a_point_of_a_track_is_found_by_its_place() -> None:
    track = Track(STARTS, [1.0, nan, 3.0])
    assert (track[0], track[-1]) == (Point(at(4), 1.0), Point(at(2), 3.0))
    with pytest.raises(IndexError):
        track[2]
    assert track != (Point(at(4), 1.0),)


def test_what_was_not_collected_says_why() -> None:
    sample = not_collected("denied")
    assert (sample.state, sample.value, sample.why) == (SampleState.NOT_COLLECTED, None, "denied")
