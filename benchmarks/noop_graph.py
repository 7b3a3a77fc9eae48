"""Plans whose tasks do nothing: independent ones, and lines joined by barriers."""

import hashlib
from uuid import UUID, uuid5

from muse_scheduler.models import Outline, PlannedUnit
from muse_scheduler.models.outlines import UnitInput

RECIPE, TAG = "muse_bias", "MASTER_BIAS"
_SPACE = UUID("0193f6c4-0000-7000-8000-000000000024")


def flat(name: str, count: int, width: int = 24) -> Outline:
    """Give `count` independent tasks, `width` to a unit."""
    units = [
        _unit(f"{name}-{first}", min(width, count - first))
        for first in range(0, count, width)
    ]
    return _outline(units)


def lines(name: str, width: int, depth: int, barrier: int) -> Outline:
    """Give lines of `depth` tasks, joined by one task after every `barrier` of them."""
    units: list[PlannedUnit] = []
    above: list[UnitInput] = []
    for row in range(depth):
        unit = _unit(f"{name}-{row}", width, above, products=True)
        units.append(unit)
        above = [UnitInput(tag=TAG, own=True, unit_id=unit.unit_id, from_tag=TAG)]
        if (row + 1) % barrier == 0:
            every = tuple(range(1, width + 1))
            joins = UnitInput(tag=TAG, ifus=every, unit_id=unit.unit_id, from_tag=TAG)
            units.append(_unit(f"{name}-b{row}", 0, [joins], products=True))
            above = [UnitInput(tag=TAG, unit_id=units[-1].unit_id, from_tag=TAG)]
    return _outline(units)


def _unit(
    name: str,
    width: int,
    inputs: list[UnitInput] | None = None,
    *,
    products: bool = False,
) -> PlannedUnit:
    """Give a unit of so many IFUs; 0: of the whole field."""
    ifus: tuple[int | None, ...] = tuple(range(1, width + 1)) or (None,)
    keys = (hashlib.sha256(f"{name}|{ifu}".encode()).hexdigest() for ifu in ifus)
    return PlannedUnit(
        unit_id=uuid5(_SPACE, name),
        recipe=RECIPE,
        group=name,
        takes_nifu=width > 0,
        parameters={"number": name},  # else early cut-off would run only the first
        set_parameters={},
        inputs=tuple(inputs or ()),
        outputs=(TAG,) if products else (),
        threads=1,
        est_s=0.0,
        memory_mb=100,
        timeout_s=60,
        ifus=ifus,
        keys=tuple(keys),
    )


def _outline(units: list[PlannedUnit]) -> Outline:
    return Outline(
        units=tuple(units),
        targets=(),
        choices=(),
        warnings=(),
        missing=(),
        runnable=True,
        not_runnable_because=(),
    )
