"""Every code a fault may carry, in one table: TM1 text, TM2 values, TM3 meaning, TM4 advice."""

FAULT_CODES = {
    "TM100": "the file cannot be read",
    "TM101": "the text is not UTF-8",
    "TM102": "a control character stands in the text",
    "TM103": "the text is no YAML",
    "TM104": "the same key stands twice in one mapping",
    "TM105": "a tag, a directive or a merge key is used",
    "TM106": "an alias explodes, is cyclic or has no anchor",
    "TM107": "the file is larger or deeper than allowed",
    "TM108": "the file holds no mapping, or more than one document",
    "TM109": "a number has too many digits",
    "TM200": "a value is refused",
    "TM201": "an unknown key",
    "TM202": "a required key is missing",
    "TM203": "a value of the wrong type",
    "TM204": "a value out of its range",
    "TM205": "a unit is missing, unknown or said twice",
    "TM206": "a word that is none of the legal ones",
    "TM207": "the file is made for another version of the program",
    "TM208": "an override names no place in the file",
    "TM301": "two things have the same identifier",
    "TM302": "a reference to something that does not exist",
    "TM303": "both ends of a link are one site",
    "TM304": "a site has no way to the others",
    "TM305": "a site is served by two, or the tiers form a cycle",
    "TM306": "a standby that is no standby",
    "TM307": "a selector that matches nothing",
    "TM308": "an unusable window of time",
    "TM309": "a queue that holds no packet",
    "TM310": "a number too large for the clock or a counter",
    "TM311": "settings that contradict each other",
    "TM312": "work that the topology cannot do",
    "TM313": "a region that cannot be built",
    "TM401": "two redundant lines share what may fail",
    "TM402": "a figure that is legal and unlikely",
}
"""Codes from TM400 on are warnings: they stop nothing."""

FIRST_WARNING = "TM400"


def level_of(code: str) -> str:
    """Return 'error' or 'warning'.

    >>> level_of("TM201"), level_of("TM401")
    ('error', 'warning')
    """
    return "warning" if code >= FIRST_WARNING else "error"
