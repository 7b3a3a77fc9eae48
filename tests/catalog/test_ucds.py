"""Every attribute of tables says what it is in words of the IVOA, where there are any."""

from astropy.io.votable.ucd import parse_ucd

from muse_catalog.rules import Attributes
from musecore.muse.schema import load


def test_ucds_are_of_the_controlled_vocabulary_and_of_attributes_that_are() -> None:
    attributes = Attributes(load())
    told = {fact.name: fact.ucd for fact in attributes.facts if fact.ucd is not None}
    for ucd in told.values():
        parse_ucd(ucd, check_controlled_vocabulary=True)
    assert {"ra", "dec", "ron", "fwhm", "exptime", "id"} <= set(told)
    assert told["ra"] == "pos.eq.ra;meta.main"


def test_no_ucd_is_of_an_attribute_that_is_not() -> None:
    from muse_catalog.rules.attributes import _named

    names = {fact.name for fact in Attributes(load()).facts}
    assert set(_named().ucds) <= names
