"""What tests of several packages share. Imported by tests only.

``tests/conftest.py`` says ``pytest_plugins = ["musecore.testing.fixtures"]``.
"""

from musecore.testing.blob_suite import BlobStoreSuite
from musecore.testing.broker_suite import BrokerSuite
from musecore.testing.clock import FrozenClock, frozen_clock
from musecore.testing.databases import TemplateDatabases
from musecore.testing.golden import assert_golden
from musecore.testing.swift import PrivateSwift

__all__ = [
    "BlobStoreSuite",
    "BrokerSuite",
    "FrozenClock",
    "PrivateSwift",
    "TemplateDatabases",
    "assert_golden",
    "frozen_clock",
]
