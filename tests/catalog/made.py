"""A small night in the catalogue: biases, a master, pixel tables, a cube."""

from dataclasses import dataclass

from musecore.messages import FileStored, ProductMade
from tests.catalog.catalog import Catalog, finished, product, stored, used
from tests.catalog.frames import make_product, make_raw

__all__ = ["Made", "make_many", "make_master", "make_night"]

RON = "ESO QC BIAS MASTER1 RON"


@dataclass(frozen=True)
class Made:
    """Ids of what was made; ``raw`` are the frames of IFU 2 of three biases."""

    raw: list[str]
    other_ifu: str
    master: str
    tables: list[str]
    cube: str


async def make_master(
    catalog: Catalog, ron: float = 2.46, **changes: object
) -> tuple[list[FileStored], ProductMade]:
    """Make three biases and the master bias of IFU 2."""
    raw = [stored(make_raw(n, ifus=(1, 2)), f"bias{n}.fits") for n in (1, 2, 3)]
    made = product(make_product(**{RON: ron}), "MASTER_BIAS-02.fits", "MASTER_BIAS", 2)
    await catalog.tell(*raw)
    inputs = [used(one, "BIAS", 2) for one in raw]
    await catalog.tell(finished("muse_bias", inputs, [made], 2, **changes))
    return raw, made


async def make_night(catalog: Catalog) -> Made:
    """Make a master bias, two pixel tables from it, and a cube from both."""
    _, master = await make_master(catalog)
    tables = []
    for ifu in (1, 2):
        content = make_product("PIXTABLE_OBJECT", value=float(ifu))
        table = product(content, f"PIXTABLE-{ifu:02d}.fits", "PIXTABLE_OBJECT", ifu)
        inputs = [used(master, "MASTER_BIAS", 2)]
        await catalog.tell(finished("muse_scibasic", inputs, [table], ifu))
        tables.append(table)
    cube = product(make_product("DATACUBE_FINAL"), "CUBE.fits", "DATACUBE_FINAL")
    inputs = [used(one, "PIXTABLE_OBJECT", one.ifu) for one in tables]
    await catalog.tell(finished("muse_scipost", inputs, [cube]))
    biases = (await catalog.get("/frames", tag="BIAS"))["items"]
    return Made(
        raw=[one["frame_id"] for one in biases if one["ifu"] == 2],
        other_ifu=next(one["frame_id"] for one in biases if one["ifu"] == 1),
        master=str(master.product_id),
        tables=[str(one.product_id) for one in tables],
        cube=str(cube.product_id),
    )


async def make_many(catalog: Catalog, number: int) -> list[str]:
    """Make a night, and from its master bias `number` cubes; give the ids of these."""
    await make_night(catalog)
    async with catalog.database.begin() as tx:
        await tx.execute(
            "CREATE TEMP TABLE new AS SELECT g, gen_random_uuid() AS file_id, "
            "gen_random_uuid() AS frame_id, gen_random_uuid() AS task_id "
            "FROM generate_series(1, :number) g",
            {"number": number},
        )
        known = await tx.execute(
            "SELECT column_name FROM information_schema.columns "
            "WHERE table_name = 'file' AND table_schema = 'catalog'"
        )
        columns = known.scalars().all()
        own = {"file_id": "new.file_id", "task_id": "new.task_id"}
        values = ", ".join(own.get(name, f"cube.{name}") for name in columns)
        await tx.execute(
            f"INSERT INTO file ({', '.join(columns)}) SELECT {values} FROM new, "
            "(SELECT * FROM file WHERE tag = 'DATACUBE_FINAL') cube"
        )
        await tx.execute(
            "INSERT INTO frame (frame_id, file_id, ifu, chip_live, tag, kind, project, "
            "mjd_us) SELECT new.frame_id, new.file_id, NULL, true, tag, kind, project, "
            "mjd_us FROM new JOIN file USING (file_id)"
        )
        await tx.execute(
            "INSERT INTO lineage (task_id, attempt, ordinal, tag, file_id, ifu, "
            "filename, sha256, content_key) SELECT new.task_id, 1, 0, 'MASTER_BIAS', "
            "master.file_id, NULL, '', '', '' FROM new, "
            "(SELECT file_id FROM file WHERE tag = 'MASTER_BIAS') master"
        )
        found = await tx.execute("SELECT frame_id FROM new ORDER BY g")
        return [str(one) for one in found.scalars()]
