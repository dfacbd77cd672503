"""A file of a country: what is looked up for each row must not grow with the number of rows."""

from telemedsim.core.yaml_marks import read_yaml
from telemedsim.model import check_identity
from telemedsim.model.drafts import draft_topology

HEAD = "telemedsim: 1\nkind: topology\nname: large\n"


def _text(sites: int) -> bytes:
    rows = [f"  - {{id: s{n}, tier: county, latitude: 30, longitude: 100}}" for n in range(sites)]
    links = [
        f"  - {{id: l{n}, ends: [s{n}, s0], technology: sdh, rate: 10 Mbit/s}}"
        for n in range(1, sites)
    ]
    return "\n".join([HEAD + "sites:", *rows, "links:", *links]).encode()


def _lists_made(sites: int, monkeypatch) -> int:  # type: ignore[no-untyped-def]
    """Return how often the words of some kinds are collected while a file is read."""
    made = []
    real = check_identity.LegalWords.of

    def counting(self, names):  # type: ignore[no-untyped-def]
        made.append(names)
        return real(self, names)

    with monkeypatch.context() as patched:
        patched.setattr(check_identity.LegalWords, "of", counting)
        node, faults = read_yaml(_text(sites), "large.yaml")
        assert node is not None
        assert not faults
        assert draft_topology(node).whole is not None
    return len(made)


def test_words_are_collected_once_whatever_the_number_of_rows(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    assert _lists_made(40, monkeypatch) == _lists_made(10, monkeypatch) <= 4


def test_rows_of_a_valid_file_are_those_of_the_whole() -> None:
    node, _ = read_yaml(_text(5), "large.yaml")
    assert node is not None
    draft = draft_topology(node)
    assert draft.whole is not None
    assert tuple(one.record for one in draft.sites) == draft.whole.sites
    assert tuple(one.record for one in draft.links) == draft.whole.links
    assert all(one.clean and not one.faulty for one in (*draft.sites, *draft.links))
