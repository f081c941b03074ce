"""Times with their spread."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shufflenet_audit.network.timings import Seconds

SECONDS = st.lists(st.floats(-10, 10), min_size=3, max_size=3).map(
    lambda times: Seconds(*(sorted(times)[i] for i in (1, 0, 2)))
)


def test_a_time_is_written_with_its_interval() -> None:
    assert str(Seconds(210e-6, 180e-6, 1.24e-3)) == "210.0 µs (180.0 µs to 1.24 ms)"


@given(SECONDS)
def test_what_is_lost_is_the_negative_of_what_is_saved(seconds: Seconds) -> None:
    lost = -seconds
    assert lost.low <= lost.median <= lost.high
    assert -lost == seconds


@given(SECONDS, SECONDS)
def test_two_times_overlap_whichever_is_asked(one: Seconds, other: Seconds) -> None:
    assert one.overlaps(one)
    assert one.overlaps(other) == other.overlaps(one) == (-one).overlaps(-other)
