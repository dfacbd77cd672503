"""The distance between two points of the Earth."""

import math

EARTH_RADIUS_KM = 6371.0
"""Mean radius (IUGG); the sphere's error against the ellipsoid is at most 0.6 %."""


def great_circle_km(
    latitude_1: float, longitude_1: float, latitude_2: float, longitude_2: float
) -> float:
    """Return the great-circle distance in km between two points in degrees (haversine formula).

    >>> round(great_circle_km(39.9042, 116.4074, 31.2304, 121.4737), 1)
    1067.3
    """
    phi_1, phi_2 = math.radians(latitude_1), math.radians(latitude_2)
    half_phi = (phi_2 - phi_1) / 2.0
    half_lambda = math.radians(longitude_2 - longitude_1) / 2.0
    haversine = (
        math.sin(half_phi) ** 2 + math.cos(phi_1) * math.cos(phi_2) * math.sin(half_lambda) ** 2
    )
    return 2.0 * EARTH_RADIUS_KM * math.asin(min(1.0, math.sqrt(haversine)))
