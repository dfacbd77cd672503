"""Studies: their mean in closed form, and a year's volume that closes."""

import math

import numpy as np
import pytest
from scipy import integrate, stats

from telemedsim.core.random_streams import RandomStream, stream_key
from telemedsim.parts.traffic.studies import Modality, StudyMix


def modality(name="CT", share=1.0, median=350.0, sigma=0.8, raw=524_288, ratio=4.0, cut=None):
    return Modality(
        name=name, share=share, objects_median=median, sigma=sigma, object_raw_bytes=raw,
        lossless_ratio=ratio, objects_max=cut,
    )  # fmt: skip


CT = modality(share=0.28)
FILM = modality("CR", 0.42, 2.0, 0.4, 7_530_000, 3.64)
MIX = StudyMix(modalities=(CT, FILM, modality("US", 0.17, 15.0, 0.6, 2_360_000, 3.4)))


def draws(purpose):
    return RandomStream(stream_key(11, 0, "hospital", purpose))


@pytest.mark.parametrize(
    "kind",
    [CT, FILM, modality(median=4.0, sigma=0.2), modality(cut=500), modality(median=0.8, cut=3)],
    ids=["ct", "film", "mammography", "ct_cut", "nearly_always_one"],
)
def test_the_mean_count_is_the_integral_of_the_cut_lognormal(kind):
    """Independent oracle: numerical integration of the clipped variate over its quantile."""
    top = float(kind.objects_max or 1e9)
    law = stats.lognorm(kind.sigma, scale=kind.objects_median)
    clipped = lambda z: min(max(law.ppf(stats.norm.cdf(z)), 1.0), top) * stats.norm.pdf(z)  # noqa: E731
    knots = [math.log(x / kind.objects_median) / kind.sigma for x in (1.0, top)]
    value = integrate.quad(clipped, -8, 8, points=[k for k in knots if -8 < k < 8], limit=400)[0]
    assert kind.mean_objects == pytest.approx(value, rel=1e-7)


@pytest.mark.parametrize("kind", [CT, FILM, modality(cut=500)], ids=["ct", "film", "ct_cut"])
def test_drawn_counts_have_that_mean(kind):
    """99.9 % interval over 20,000 draws."""
    stream = draws(f"objects {kind.name} {kind.objects_max}")
    counts = np.array([kind.objects(stream) for _ in range(20_000)])
    half = 3.29 * counts.std(ddof=1) / math.sqrt(len(counts))
    assert abs(counts.mean() - kind.mean_objects) <= half
    assert counts.min() >= 1
    assert counts.max() <= (kind.objects_max or math.inf)


def test_a_study_has_whole_compressed_objects():
    study = StudyMix(modalities=(FILM,)).draw(draws("one"))
    assert study.object_bytes == math.ceil(7_530_000 / 3.64) == 2_068_682
    assert study.size_bytes == study.objects * 2_068_682
    assert study.raw_bytes == study.objects * 7_530_000


def test_modalities_come_in_their_shares():
    """Chi-square at alpha 0.001 over 10,000 studies; shares need not sum to 1."""
    stream = draws("shares")
    names = [MIX.draw(stream).modality for _ in range(10_000)]
    expected = np.array([0.28, 0.42, 0.17]) / 0.87 * 10_000
    observed = [names.count(name) for name in ("CT", "CR", "US")]
    assert stats.chisquare(observed, expected).pvalue > 0.001


def test_the_mean_study_is_that_of_the_mix():
    stream = draws("sizes")
    sizes = np.array([MIX.draw(stream).size_bytes for _ in range(20_000)], dtype=float)
    half = 3.29 * sizes.std(ddof=1) / math.sqrt(len(sizes))
    assert abs(sizes.mean() - MIX.mean_study_bytes) <= half


def test_a_year_of_studies_makes_the_annual_volume():
    """A year's studies one by one against annual_tb: 99.9 % interval of their sum."""
    annual_tb, days = 0.5, 288.0
    per_day = MIX.studies_per_day(annual_tb, days)
    count = round(per_day * days)
    stream = draws("year")
    sizes = np.array([MIX.draw(stream).size_bytes for _ in range(count)], dtype=float)
    half = 3.29 * sizes.std(ddof=1) * math.sqrt(count)
    assert count > 10_000
    assert abs(sizes.sum() - count / (per_day * days) * annual_tb * 1e12) <= half


def test_each_study_takes_three_uniforms():
    stream = draws("count")
    for study in range(1, 6):
        MIX.draw(stream)
        assert stream.number == 3 * study


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: StudyMix(modalities=(CT, CT)), "CT stands twice"),
        (lambda: StudyMix(modalities=(modality(share=0),)), "share above 0"),
        (lambda: modality(cut=100), "objects_max 100 is below the median"),
        (lambda: modality(ratio=0.5), "greater than or equal to 1"),
    ],
)
def test_impossible_mixes_are_refused(make, words):
    with pytest.raises(ValueError, match=words):
        make()
