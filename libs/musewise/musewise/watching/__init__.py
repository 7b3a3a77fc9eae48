"""A folder is watched: what arrives there goes to the server, once, when complete."""

from musewise.watching.arrivals import Arrivals
from musewise.watching.journal import Journal, Seen
from musewise.watching.watch import Manner, Report, Watch

__all__ = ["Arrivals", "Journal", "Manner", "Report", "Seen", "Watch"]
