"""All of musewise in one process tree."""
