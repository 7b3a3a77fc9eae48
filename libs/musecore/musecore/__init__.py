"""Mechanisms, messages and facts that the musewise services share."""

import sys
from importlib.util import find_spec

# httpcore looks for sniffio at every request, and a failing import walks sys.path each
# time: a third of the cost of a call. None is Python's own way to say "not there".
if find_spec("sniffio") is None:
    sys.modules["sniffio"] = None  # type: ignore[assignment]
