"""Every clause of the catalogue has a criterion of its unit, or says that nothing measures it."""

import pytest

from telemedsim.catalogue.load import catalogue
from telemedsim.dataplane.reference.measure import INTERRUPTION_NS
from telemedsim.network.compile import BIN_S
from telemedsim.sla.criteria import CRITERIA, LEAST_OBJECT_BYTES, unmeasured


@pytest.mark.parametrize("name", list(catalogue().clauses))
def test_each_clause_of_the_catalogue_is_judged_or_informative(name):
    kind, criterion = catalogue().clauses[name], CRITERIA[name]
    assert criterion.unit == kind.unit
    assert name.endswith(("_min", "_max"))
    if kind.measure:
        assert criterion.observe is not unmeasured


def test_no_criterion_is_left_without_a_clause():
    assert set(CRITERIA) == set(catalogue().clauses)


def test_what_the_catalogue_says_of_verdicts_is_what_is_done():
    facts = catalogue()
    assert facts.number("interruption_s") * 1e9 == INTERRUPTION_NS
    assert facts.number("bin_s") == BIN_S
    assert facts.number("elastic_rate_from_mb") * 1e6 == LEAST_OBJECT_BYTES
