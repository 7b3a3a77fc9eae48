"""What the archive of these tests holds."""

from tests.catalog.frames import make_object, make_raw

FILES = {f"bias{n}": make_raw(n) for n in (1, 2, 3)}
FILES |= {
    "hdfs": make_object(40),
    "abell": make_object(50, "Abell 478", EXPTIME=600.0, RA=63.35, DEC=10.47),
}
