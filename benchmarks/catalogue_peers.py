"""Tiled and Rubin's Butler beside the catalogue: each loaded for a time, then asked."""

import json
import subprocess
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Peer", "peers"]

_HERE = Path(__file__).parent
_PYTHON = _HERE.parent / ".venv-peers" / "bin" / "python"
_SIDES = {"Butler": "butler_side.py", "Tiled": "tiled_side.py"}


@dataclass(frozen=True)
class Peer:
    """What a peer reached, and how long its answers take (p50, ms)."""

    name: str
    size: int
    seconds: float
    times_ms: dict[str, float]
    says: dict[str, str]


def peers(folder: Path, seconds: float) -> list[Peer]:
    """Load and ask each peer that is installed; say which are not."""
    found = []
    for name, script in _SIDES.items():
        peer = _peer(name, script, folder, seconds)
        if peer is not None:
            found.append(peer)
    return found


def _peer(name: str, script: str, folder: Path, seconds: float) -> Peer | None:
    command = [str(_PYTHON), str(_HERE / "peers" / script), str(folder), str(seconds)]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=3 * seconds + 300
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"  {name} is not compared: {error}")
        return None
    if done.returncode:
        print(f"  {name} is not compared: {done.stderr.strip()[-400:]}")
        return None
    told = json.loads(done.stdout.strip().splitlines()[-1])
    print(f"  {name}: {told['size']} entries in {told['seconds']:.0f} s", flush=True)
    return Peer(name=name, **told)
