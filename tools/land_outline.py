"""Turn the npm package world-atlas (Natural Earth, public domain) into the land outline we ship.

    npm pack world-atlas@2 && tar xzf world-atlas-2.*.tgz
    python tools/land_outline.py package/land-50m.json src/telemedsim/report/data/land_50m.npz

Points are in hundredths of a degree, ring after ring; ``ends`` holds where each ring ends.
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np


def decoded_arcs(topology: dict[str, Any]) -> list[list[tuple[float, float]]]:
    """Return the arcs of a TopoJSON file in degrees (delta-coded integers with a transform)."""
    (scale_x, scale_y), (shift_x, shift_y) = (
        topology["transform"]["scale"],
        topology["transform"]["translate"],
    )
    arcs = []
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for step_x, step_y in arc:
            x, y = x + step_x, y + step_y
            points.append((x * scale_x + shift_x, y * scale_y + shift_y))
        arcs.append(points)
    return arcs


def rings(topology: dict[str, Any]) -> list[list[tuple[float, float]]]:
    """Return all rings of the land, outer and inner ones alike."""
    arcs = decoded_arcs(topology)
    found = []
    for geometry in topology["objects"]["land"]["geometries"]:
        polygons = geometry["arcs"] if geometry["type"] == "MultiPolygon" else [geometry["arcs"]]
        for ring in (ring for polygon in polygons for ring in polygon):
            points: list[tuple[float, float]] = []
            for index in ring:
                arc = arcs[index] if index >= 0 else arcs[~index][::-1]
                points += arc[1:] if points else arc
            found.append(points)
    return found


def main() -> None:
    """Read the file named first, write the file named second."""
    source, target = sys.argv[1:]
    found = rings(json.loads(Path(source).read_text("utf-8")))
    points = np.round(np.concatenate([np.asarray(ring) for ring in found]) * 100).astype(np.int16)
    ends = np.cumsum([len(ring) for ring in found]).astype(np.int32)
    np.savez_compressed(target, points=points, ends=ends)


if __name__ == "__main__":
    main()
