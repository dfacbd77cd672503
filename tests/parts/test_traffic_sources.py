"""Sources of packets: clock, mean rate, windows, sizes."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from telemedsim.core.random_streams import stream_key
from telemedsim.core.registry import Registry
from telemedsim.parts import traffic
from telemedsim.parts.traffic import PacketSource
from telemedsim.parts.traffic.constant import Constant
from telemedsim.parts.traffic.video import GroupOfPictures, LowDelay, Video
from telemedsim.parts.traffic.xr import Xr

KEY = stream_key(7, 0, "room", "packets")
RTP = {"payload_bytes": 1200, "overhead_bytes": 50}
LOW_DELAY = LowDelay(scale=0.15, bound=0.6)
GROUP = GroupOfPictures(
    gop_s=2, b_frames=2, i_to_p=5, b_to_p=0.5, i_variation=0.3, p_variation=0.45, b_variation=0.45
)


def video(sizes=LOW_DELAY, rate_bps=5_000_000, num=30, den=1, pacing=0.0, phase=None):
    return Video(
        frame_rate_num=num, frame_rate_den=den, target_rate_bps=rate_bps, pacing_share=pacing,
        fixed_phase_ns=phase, sizes=sizes, **RTP,
    )  # fmt: skip


def vr(rate_bps=30_000_000, jitter=2.0, bound=4.0, pacing=0.0, low=0.5, high=1.5, deviation=0.105):
    return Xr(
        frame_rate_num=60, frame_rate_den=1, target_rate_bps=rate_bps, pacing_share=pacing,
        size_deviation=deviation, size_low=low, size_high=high, jitter_deviation_ms=jitter,
        jitter_bound_ms=bound, **RTP,
    )  # fmt: skip


PROBE = Constant(period_ns=100_000_000, ip_bytes=128)
SOURCES = [
    video(),
    video(pacing=0.8, num=30000, den=1001),
    video(GROUP, 20_000_000, num=25, pacing=1.0),
    vr(),
    vr(jitter=0.0, bound=0.0, pacing=0.5, low=0.25, high=3.0, deviation=0.25),
    PROBE,
]
NAMES = ["low_delay", "low_delay_ntsc_paced", "gop", "xr_jitter", "xr_asymmetric", "constant"]


def test_every_source_is_found_by_its_kind():
    assert list(Registry(traffic, PacketSource)) == ["constant", "video", "xr"]


def test_a_day_of_thirty_frames_a_second_ends_on_the_exact_nanosecond():
    source, day_ns = video(phase=0), 86_400_000_000_000
    frames = source.frames_before(KEY, day_ns)
    assert frames == 2_592_000
    assert source.capture_ns(KEY, frames - 1, 1).tolist() == [86_399_966_666_666]
    assert source.frame_ns(frames - 1) == 86_399_966_666_666


def test_a_month_of_ntsc_frames_does_not_overflow():
    source, frames = video(num=30000, den=1001, phase=0), 30 * 2_589_410
    times = source.capture_ns(KEY, frames, 2).tolist()
    assert times == [(frames + i) * 1001 * 10**9 // 30000 for i in (0, 1)]


@pytest.mark.parametrize("source", SOURCES, ids=NAMES)
def test_the_phase_is_uniform_over_one_period(source):
    period = source.frame_ns(1)
    phases = [source.phase_ns(stream_key(seed, 0, "room", "packets")) for seed in range(500)]
    assert min(phases) >= 0
    assert max(phases) < period
    assert stats.kstest(np.array(phases) / period, "uniform").pvalue > 0.001


@pytest.mark.parametrize("source", SOURCES, ids=NAMES)
@settings(max_examples=25, deadline=None)
@given(first=st.integers(0, 5_000), one=st.integers(1, 90), two=st.integers(1, 90))
def test_two_windows_of_frames_give_the_packets_of_one(source, first, one, two):
    whole = source.packets(KEY, first, one + two)
    parts = [source.packets(KEY, first, one), source.packets(KEY, first + one, two)]
    for column in range(3):
        joined = np.concatenate([part[column] for part in parts])
        assert joined.dtype == np.int64
        assert joined.tolist() == whole[column].tolist()


@pytest.mark.parametrize("source", SOURCES, ids=NAMES)
def test_packets_leave_in_order_within_their_frame(source):
    packets = source.packets(KEY, 1000, 600)
    clock = np.array([source.frame_ns(k) for k in range(1000, 1601)]) + source.phase_ns(KEY)
    assert (np.diff(packets.send_ns) >= 0).all()
    assert (packets.send_ns >= clock[packets.frame - 1000]).all()
    assert (packets.send_ns < clock[packets.frame - 999]).all()
    assert packets.ip_bytes.max() == source.largest_packet_bytes()
    assert clock[:-1].tolist() == source.capture_ns(KEY, 1000, 600).tolist()


@pytest.mark.parametrize("source", SOURCES, ids=NAMES)
@settings(max_examples=30, deadline=None)
@given(time_ns=st.integers(0, 10**13))
def test_frames_before_counts_the_frames_captured_before(source, time_ns):
    count = source.frames_before(KEY, time_ns)
    last_and_next = source.capture_ns(KEY, max(count - 1, 0), 2).tolist()
    if count:
        assert last_and_next[0] < time_ns <= last_and_next[1]
    else:
        assert time_ns <= last_and_next[0]


@pytest.mark.parametrize("source", SOURCES, ids=NAMES)
def test_the_mean_rate_at_the_ip_layer_is_the_one_planned(source):
    """Streams of 40 s from 50 keys; 99.9 % t interval (the streams are independent)."""
    rates = []
    frames = source.frames_before(KEY, 40_000_000_000 + source.phase_ns(KEY))
    for seed in range(50):
        packets = source.packets(stream_key(seed, 0, "room", "packets"), 0, frames)
        rates.append(packets.ip_bytes.sum() * 8 / (source.frame_ns(frames) / 1e9))
    half = stats.t.ppf(0.9995, 49) * np.std(rates, ddof=1) / math.sqrt(50)
    rounding = 1e-12 * source.expected_rate_bps()  # a constant source has no spread at all
    assert abs(np.mean(rates) - source.expected_rate_bps()) <= half + rounding


@pytest.mark.parametrize("sizes", [LOW_DELAY, GROUP], ids=["low_delay", "gop"])
def test_the_encoder_meets_its_target_in_expectation(sizes):
    """Encoded bytes, without headers: 99.9 % t interval over 50 keys of 40 s."""
    source = video(sizes, 8_000_000)
    means = [
        source.frame_bytes(stream_key(seed, 0, "room", "packets"), 0, 1200).mean()
        for seed in range(50)
    ]
    half = stats.t.ppf(0.9995, 49) * np.std(means, ddof=1) / math.sqrt(50)
    assert abs(np.mean(means) - 8_000_000 / 30 / 8) <= half


def test_rounding_to_whole_bytes_keeps_the_mean_of_tiny_frames():
    """10 bytes a frame on average, where half a byte would show; 99.9 % interval."""
    sizes = video(rate_bps=2400).frame_bytes(KEY, 0, 60_000)
    assert abs(sizes.mean() - 10) <= 3.29 * sizes.std(ddof=1) / math.sqrt(60_000)


@pytest.mark.parametrize("sizes", [LOW_DELAY, GROUP], ids=["low_delay", "gop"])
def test_headers_are_planned_for_as_many_packets_as_are_sent(sizes):
    """Frames of about one packet's size, where the count varies most; 200 keys of 20 s."""
    source = video(sizes, 300_000)
    keys = [stream_key(seed, 0, "room", "packets") for seed in range(200)]
    counts = [len(source.packets(key, 0, 600).frame) / 600 for key in keys]
    no_headers = source.model_copy(update={"overhead_bytes": 0})
    headers_bps = source.expected_rate_bps() - no_headers.expected_rate_bps()
    half = stats.t.ppf(0.9995, 199) * np.std(counts, ddof=1) / math.sqrt(200)
    assert abs(np.mean(counts) - headers_bps / (50 * 8 * 30)) <= half


def test_low_delay_sizes_follow_the_truncated_laplace_law():
    """KS at alpha 0.001 against the law of RFC 8593 section 5.1, cut at its bound."""
    source = video(rate_bps=50_000_000)
    mean = 50_000_000 / 30 / 8
    deviations = source.frame_bytes(KEY, 0, 5000) / mean - 1
    cut = stats.laplace(0, 0.15)
    kept = cut.cdf(0.6) - cut.cdf(-0.6)
    law = lambda x: (cut.cdf(x) - cut.cdf(-0.6)) / kept  # noqa: E731
    assert np.abs(deviations).max() <= 0.6 + 1 / mean
    assert stats.kstest(deviations, law).pvalue > 0.001


def test_xr_sizes_follow_3gpp_figures():
    """30 Mbit/s at 60 frames/s: 62,500 bytes, sigma 6,562.5, within 31,250 and 93,750."""
    sizes = vr().frame_bytes(KEY, 0, 20_000)
    assert sizes.min() >= 31_250
    assert sizes.max() <= 93_750
    law = stats.truncnorm(-0.5 / 0.105, 0.5 / 0.105, 62_500, 6_562.5)
    assert stats.kstest(sizes, law.cdf).pvalue > 0.001


def test_jitter_moves_whole_frames_within_its_bounds():
    source = vr()
    packets = source.packets(KEY, 0, 3000)
    delays = packets.send_ns - source.capture_ns(KEY, 0, 3000)[packets.frame]
    by_frame = [np.unique(delays[packets.frame == k]) for k in range(50)]
    assert all(len(delay) == 1 for delay in by_frame)
    firsts = np.unique(packets.frame, return_index=True)[1]
    law = stats.truncnorm(-2, 2, 4e6, 2e6)
    assert stats.kstest(delays[firsts], law.cdf).pvalue > 0.001


def test_a_group_of_pictures_has_the_stated_ratios():
    """60 frames: 1 I, 19 P, 40 B; mean P bytes = target share x 60 / (5 + 19 + 20)."""
    source = video(GROUP, 8_000_000)
    sizes = source.frame_bytes(KEY, 0, 60 * 400).reshape(400, 60)
    means = sizes.mean(axis=0)
    start = int(means.argmax())
    ordered = np.roll(sizes, -start, axis=1)
    p_bytes = 8_000_000 / 30 / 8 * 60 / 44
    types = {5.0: [0], 1.0: range(3, 60, 3), 0.5: [k for k in range(60) if k % 3]}
    for ratio, positions in types.items():
        sample = ordered[:, list(positions)].ravel()
        half = 3.29 * sample.std(ddof=1) / math.sqrt(sample.size)
        assert abs(sample.mean() - ratio * p_bytes) <= half


def test_groups_of_different_streams_begin_at_different_frames():
    source = video(GROUP, 8_000_000)
    keys = [stream_key(seed, 0, "room", "packets") for seed in range(20)]
    assert len({int(source.frame_bytes(key, 0, 60).argmax()) for key in keys}) > 10


def test_a_frame_is_cut_into_full_packets_and_a_short_one():
    source = video(pacing=0.5, phase=0)
    size = int(source.frame_bytes(KEY, 9, 1)[0])
    packets = source.packets(KEY, 9, 1)
    count = -(-size // 1200)
    assert packets.ip_bytes.tolist() == [1250] * (count - 1) + [size - 1200 * (count - 1) + 50]
    span = 16_666_666
    assert packets.send_ns.tolist() == [300_000_000 + i * span // count for i in range(count)]


def test_a_burst_sends_all_packets_at_the_capture():
    packets = video(phase=5).packets(KEY, 30, 1)
    assert set(packets.send_ns.tolist()) == {1_000_000_005}


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: video(rate_bps=400), "raise the rate"),
        (lambda: video(GROUP, 10_000), "raise the rate"),
        (lambda: vr(bound=9.0), "frames would overlap"),
        (lambda: vr(jitter=0.0), "give both, or neither"),
        (lambda: vr(rate_bps=400), "less than a byte"),
        (lambda: video(rate_bps=0), "greater than 0"),
    ],
)
def test_impossible_sources_are_refused_with_a_remedy(make, words):
    with pytest.raises(ValueError, match=words):
        make()
