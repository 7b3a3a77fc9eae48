"""The engine: ESO's `esorex` in a subprocess, its log read, its products checked."""
