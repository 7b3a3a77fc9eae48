"""What a worker tells of itself."""

from musecore.telemetry import counter, gauge, histogram

__all__ = [
    "ATTEMPTS",
    "CACHE_LOOKUPS",
    "RECIPE_BYTES",
    "RECIPE_SECONDS",
    "RUNNING",
    "SLOTS",
]

SLOTS = gauge("musewise_worker_slots", "Recipes that may run at a time", ("worker",))
RUNNING = gauge(
    "musewise_worker_running_attempts", "Attempts that run now", ("worker",)
)
ATTEMPTS = counter(
    "musewise_worker_attempts_total",
    "Attempts by recipe and by how they ended: finished, or the class of the failure",
    ("recipe", "outcome"),
)
RECIPE_SECONDS = histogram(
    "musewise_worker_recipe_duration_seconds",
    "Wall time of the recipe's process",
    ("recipe",),
    (1, 5, 15, 30, 60, 120, 300, 600, 1200, 2400, 4800, 9600),
)
RECIPE_BYTES = histogram(
    "musewise_worker_recipe_memory_bytes",
    "Greatest resident memory of the recipe's process",
    ("recipe",),
    [n * 2.0**30 for n in (0.25, 0.5, 1, 2, 4, 6, 8, 14, 24, 40, 64)],
)
CACHE_LOOKUPS = counter(
    "musewise_worker_cache_lookups_total",
    "Inputs by whether this machine had them already: hit, miss",
    ("outcome",),
)
