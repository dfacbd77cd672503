"""How many studies a site makes, and of what: its volume turned into arrivals."""

from telemedsim.catalogue.load import Catalogue
from telemedsim.catalogue.planning_rows import HospitalScale
from telemedsim.model.topology import Site
from telemedsim.parts.arrivals.daily_profile import DailyProfile
from telemedsim.parts.traffic.studies import StudyMix

DAYS_A_YEAR = 365.0


def hospital_scale(catalogue: Catalogue, site: Site) -> HospitalScale | None:
    """Return a site's row of the sizing table: by its scale, else by its beds, else None."""
    if site.scale is not None:
        return catalogue.scales[site.scale]
    if site.beds is None:
        return None
    fitting = [row for row in catalogue.scales.values() if row.beds_min <= site.beds]
    return fitting[-1] if fitting else None


def annual_tb(catalogue: Catalogue, site: Site) -> float | None:
    """Return a site's yearly volume on the wire: its own, or the sizing table's for its beds.

    Within a row of the table the volume grows with the beds, up to the row's largest.
    """
    if site.annual_tb is not None:
        return site.annual_tb
    scale = hospital_scale(catalogue, site)
    if scale is None or site.beds is None:
        return None
    beds_max = scale.beds_max or site.beds
    return scale.annual_tb_max * min(1.0, site.beds / beds_max) if beds_max else None


def studies_per_weekday(
    catalogue: Catalogue,
    site: Site,
    mix: StudyMix,
    profile: DailyProfile,
    asked: tuple[float | None, float | None] = (None, None),
) -> float | None:
    """Return the studies of a weekday; None when nothing says how many.

    ``asked`` is what the scenario gives: (studies a day, TB a year). Then come the site's volume
    and the count of its scale. A year's volume is spread over weekdays and weekends, so that the
    year closes with it.
    """
    studies, terabytes = asked
    if studies is not None:
        return studies
    volume = terabytes if terabytes is not None else annual_tb(catalogue, site)
    if volume is not None:
        return mix.studies_per_day(volume, profile.weekday_equivalents(DAYS_A_YEAR))
    if site.studies_per_day is not None:
        return site.studies_per_day
    scale = hospital_scale(catalogue, site)
    return scale.studies_per_weekday if scale is not None else None
