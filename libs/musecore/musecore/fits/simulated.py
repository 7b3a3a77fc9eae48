"""The mark of files that no pipeline and no telescope made, and who may take them.

Load, chaos and scale tests run on such files. A server takes them only when it was
started for simulation, so that none is ever mistaken for data.
"""

from musecore.errors import Refused
from musecore.fits.cards import Header

__all__ = [
    "SIMULATED",
    "SIMULATED_PIPELINE",
    "SimulatedRefused",
    "is_simulated",
    "require_real",
    "simulated_card",
]

SIMULATED = "MUSEWISE SIMULATED"
"""Keyword of the primary header; true in simulated files."""

SIMULATED_PIPELINE = "muse/simulated-1"
"""Pipeline version in keys and records of simulated runs."""


class SimulatedRefused(Refused):
    """A simulated file or result came to a server that is not for simulation."""

    code = "simulated_refused"


def simulated_card() -> str:
    """Give the card of the mark, 80 columns."""
    return f"HIERARCH {SIMULATED} = T / no pipeline made this".ljust(80)


def is_simulated(primary: Header) -> bool:
    """Tell whether a primary header carries the mark."""
    return primary.get(SIMULATED) is True


def require_real(what: str, *, simulated: bool, allowed: bool) -> None:
    """Refuse what is simulated, unless that is allowed here.

    Raises
    ------
    SimulatedRefused
        With what it was, and how a server for simulation is started.
    """
    if simulated and not allowed:
        raise SimulatedRefused(
            f"{what} is simulated ({SIMULATED} = T), and this server keeps real data.",
            hint="Send it to a server that was started with MUSEWISE_SIMULATION=true.",
        )
