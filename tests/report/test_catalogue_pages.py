"""The catalogue on a terminal: a line a row where there are many, every figure where there are few."""

import io

import pandas as pd
import pytest
from rich.console import Console

import telemedsim as ts
from telemedsim.core.errors import TelemedsimError
from telemedsim.report.catalogue_pages import print_catalogue


def printed(topic: str, frame: pd.DataFrame, width: int = 120) -> str:
    stream = io.StringIO()
    print_catalogue(Console(file=stream, width=width, no_color=True, highlight=False), topic, frame)
    return stream.getvalue()


@pytest.mark.parametrize("topic", list(ts.catalogue_topics()))
def test_every_row_of_every_topic_is_reachable(topic: str) -> None:
    frame = ts.catalogue_frame(topic)
    text = printed(topic, frame, width=200)
    for name in frame["id"].unique():
        assert str(name) in text
    assert len(ts.catalogue_frame(topic, str(frame["id"].iloc[0]))) >= 1


def test_a_row_by_name_shows_all_digits_and_the_source_of_each_figure() -> None:
    text = printed("technologies", ts.catalogue_frame("technologies", "sdh"))
    assert "availability              0.9995" in text
    assert "propagation us per km     4.897" in text
    assert "rate_up_bps: ITU-T G.707" in text


def test_columns_that_do_not_fit_are_named_with_a_way_to_see_them() -> None:
    text = printed("technologies", ts.catalogue_frame("technologies"), width=100)
    assert "more columns" in text
    assert "telemedsim catalogue technologies sdh" in text
    assert max(map(len, text.splitlines())) <= 100


def test_an_unknown_topic_or_row_names_the_nearest() -> None:
    with pytest.raises(TelemedsimError) as topic:
        ts.catalogue_frame("tecnologies")
    assert "technologies" in str(topic.value.remedy)
    with pytest.raises(TelemedsimError) as row:
        ts.catalogue_frame("tiers", "countty")
    assert "county" in str(row.value.remedy)
