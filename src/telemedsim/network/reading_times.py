"""How long studies are read, and the licences that are held as long."""

import math
from collections.abc import Mapping

from telemedsim.core.units import MINUTE_S, NS_PER_S
from telemedsim.model.workflows import ImageReading
from telemedsim.network.participants import Participants, given
from telemedsim.network.work import Licences, Place, ReadingTime


def reading_times(
    parties: Participants, mean_min: float | None, variation: float | None
) -> Mapping[str, ReadingTime]:
    """Return the law of each modality: lognormal by its mean and coefficient of variation.

    None means the catalogue's mean of the modality, and its coefficient.
    """
    spread = 1 + given(variation, parties.catalogue.number("reading_cov")) ** 2
    return {
        row.id: ReadingTime(
            median_ns=given(mean_min, row.reading_min) * MINUTE_S * NS_PER_S / math.sqrt(spread),
            sigma=math.sqrt(math.log(spread)),
        )
        for row in parties.catalogue.modalities.values()
    }


def licences_of(parties: Participants, block: ImageReading, source_at: Place) -> Licences | None:
    """Return the licences of a block at one source; None where as many are served as ask."""
    if block.licences is None:
        return None
    times = reading_times(parties, block.reading_mean_min, block.reading_variation)
    return Licences(f"licences of {block.id} at {source_at.site}", block.licences, times)
