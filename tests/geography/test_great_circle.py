"""Distances against known ones and against what a sphere says."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from telemedsim.core.great_circle import EARTH_RADIUS_KM, great_circle_km

LATITUDES = st.floats(-90, 90)
LONGITUDES = st.floats(-180, 180)


def test_beijing_to_shanghai_is_1067_km() -> None:
    assert great_circle_km(39.9042, 116.4074, 31.2304, 121.4737) == pytest.approx(1067.3, abs=0.05)


def test_one_degree_of_latitude_is_a_360th_of_the_girth() -> None:
    assert great_circle_km(10, 20, 11, 20) == pytest.approx(2 * math.pi * EARTH_RADIUS_KM / 360)


def test_antipodes_are_half_the_girth_apart() -> None:
    assert great_circle_km(0, 0, 0, 180) == pytest.approx(math.pi * EARTH_RADIUS_KM)


@given(LATITUDES, LONGITUDES, LATITUDES, LONGITUDES)
def test_distance_is_symmetric_and_at_most_half_the_girth(
    lat_1: float, lon_1: float, lat_2: float, lon_2: float
) -> None:
    there = great_circle_km(lat_1, lon_1, lat_2, lon_2)
    assert there == pytest.approx(great_circle_km(lat_2, lon_2, lat_1, lon_1), abs=1e-6)
    assert 0 <= there <= math.pi * EARTH_RADIUS_KM


@given(LATITUDES, LONGITUDES)
def test_a_point_is_at_no_distance_from_itself(latitude: float, longitude: float) -> None:
    assert great_circle_km(latitude, longitude, latitude, longitude) == 0
