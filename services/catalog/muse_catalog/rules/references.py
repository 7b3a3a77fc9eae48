"""What the header of a product says of its making, and which files it may mean."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID, uuid5

from muse_catalog.models import FileRecord, InputRow, TaskRun
from muse_catalog.rules.columns import exposure_name, exposure_pattern
from musecore.errors import MuseError
from musecore.fits import InputRecord, RecipeRecord
from musecore.muse.schema import MuseModel

__all__ = ["History", "References"]

History = list[tuple[TaskRun, list[InputRow]]]
"""Runs with their inputs, the one that made the file first."""

_MD5 = re.compile(r"[0-9a-f]{32}")
_MD5_OF_NOTHING = hashlib.md5(b"", usedforsecurity=False).hexdigest()


class References:
    """Makes runs and inputs of a header's ``ESO PRO RECn``, and keys to match them.

    A key says what makes a name one file and no other: the exposure of an archive
    name, the sum of the data with the class, or the name of a delivered static, which
    has a date in it. Names that recipes give (MASTER_BIAS-01.fits) repeat every
    night, DATE-OBS is cut to seconds, and the MD5 of nothing is that of many files:
    none of these is a key.
    """

    def __init__(self, model: MuseModel) -> None:
        self._model = model
        self._exposure = exposure_pattern(model)
        self._dated = [
            re.compile(rule.pattern)
            for category in model.statics.categories
            for rule in category.names
            if rule.of == "file_name"
        ]

    def history(self, file_id: UUID, recipes: Sequence[RecipeRecord]) -> History:
        """Give the runs that a header tells of, the last recipe first.

        The header of a product continues that of the first file it was made of, so
        recipe n - 1 made the first input of recipe n in group RAW.
        """
        return [
            (
                self._run(file_id, attempt, record),
                list(self._inputs(file_id, attempt, record, len(recipes))),
            )
            for attempt, record in enumerate(reversed(recipes), 1)
        ]

    def _run(self, file_id: UUID, attempt: int, record: RecipeRecord) -> TaskRun:
        versions = {"pipeline": record.pipeline, "cpl": record.drs}
        return TaskRun(
            task_id=file_id,
            attempt=attempt,
            recipe=record.recipe,
            ifu=None,
            key=None,
            worker=None,
            parameters=dict(self._parameters(record)),
            versions={name: text for name, text in versions.items() if text},
            log_file_id=None,
            warnings=[],
            caveats=[],
            started=None,
            ended=None,
            resources={},
            rec=record.n,
        )

    def _parameters(self, record: RecipeRecord) -> Iterator[tuple[str, Any]]:
        """Give values in the type of the recipe's parameter; else as they are."""
        for one in record.parameters:
            try:
                typed = self._model.check_parameters(
                    record.recipe, {one.name: one.value}
                )
            except MuseError:  # of another version of the pipeline
                typed = {one.name: str(one.value)}
            yield from typed.items()

    def _inputs(
        self, file_id: UUID, attempt: int, record: RecipeRecord, runs: int
    ) -> Iterator[InputRow]:
        for ordinal, one in enumerate(record.inputs):
            is_first = ordinal == 0 and one.group == "RAW"
            yield InputRow(
                task_id=file_id,
                attempt=attempt,
                tag=one.catg,
                file_id=uuid5(file_id, f"{attempt} {ordinal}"),
                ifu=None,
                filename=one.name,
                sha256=None,
                content_key=None,
                data_md5=one.data_md5,
                match_key=self.key_of(one),
                made_by=attempt + 1 if is_first and attempt < runs else None,
            )

    def key_of(self, one: InputRecord) -> str | None:
        """Give what a file must offer to be this input; None: nothing would do."""
        exposure = exposure_name(self._exposure, one.name)
        if exposure is not None:
            return f"exposure {exposure}"
        named = f"name {one.name}" if self._is_dated(one.name) else None
        return _md5_key(one.catg, one.data_md5 or "") or named

    def keys_offered(self, file: FileRecord) -> list[str]:
        """Give the keys that a file of the catalogue offers."""
        if file.kind == "raw":
            name = exposure_name(self._exposure, file.arcfile)
            return [] if name is None else [f"exposure {name}"]
        md5 = _md5_key(file.tag, str(file.keywords.get("datamd5", "")))
        keys = [] if md5 is None else [md5]
        names = dict.fromkeys((file.filename, file.arcfile))
        keys += [f"name {name}" for name in names if self._is_dated(name)]
        return keys

    def _is_dated(self, name: str) -> bool:
        return any(pattern.match(name) for pattern in self._dated)


def _md5_key(tag: str, md5: str) -> str | None:
    if not _MD5.fullmatch(md5) or md5 == _MD5_OF_NOTHING:
        return None
    return f"md5 {tag} {md5}"
