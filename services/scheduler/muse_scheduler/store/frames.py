"""The projection of the catalog's frames."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from muse_scheduler.models import ChipSetup, FrameRecord
from muse_scheduler.store.kept import KeptFile
from musecore.db import Transaction
from musecore.times import utcnow

_COLUMNS = (
    "file_id, kind, tag, filename, arcfile, object_key, sha256, content_key, size, "
    "mjd_us, night, CAST(chips AS text) AS chips, bad_ifus, keywords, is_valid, project"
)

_UPSERT = """
INSERT INTO frame (file_id, kind, tag, filename, arcfile, object_key, sha256,
    content_key, size, mjd_us, night, target, project, chips, frame_ids, keywords,
    is_valid, quality_flags, bad_ifus, ingested, changed)
VALUES (:file_id, :kind, :tag, :filename, :arcfile, :object_key, :sha256,
    :content_key, :size, :mjd_us, :night, :target, :project, CAST(:chips AS jsonb),
    CAST(:frame_ids AS jsonb), CAST(:keywords AS jsonb), :is_valid, '[]',
    '{}', :changed, :changed)
ON CONFLICT (file_id) DO UPDATE SET
    kind = excluded.kind, tag = excluded.tag, filename = excluded.filename,
    arcfile = excluded.arcfile, object_key = excluded.object_key,
    sha256 = excluded.sha256, content_key = excluded.content_key,
    size = excluded.size, mjd_us = excluded.mjd_us, night = excluded.night,
    target = excluded.target, project = excluded.project, chips = excluded.chips,
    frame_ids = excluded.frame_ids, keywords = excluded.keywords,
    is_valid = excluded.is_valid, changed = excluded.changed
"""

_VISIBLE = (
    "(CAST(:projects AS text[]) IS NULL OR kind = 'static' OR project = ANY(:projects))"
)


class FrameStore:
    """Frames as planning needs them, one row per file."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def put(
        self,
        frame: FrameRecord,
        target: str | None,
        frame_ids: Mapping[int | None, UUID],
    ) -> None:
        """Insert or renew a file; `frame_ids` maps IFU (None: field) to frame id."""
        values = frame.model_dump(exclude={"ifus", "keywords", "replaces"})
        chips = {str(n): chip.model_dump() for n, chip in frame.ifus.items()}
        ids = {str(n or 0): str(frame_id) for n, frame_id in frame_ids.items()}
        await self._tx.execute(
            _UPSERT,
            values
            | {
                "target": target,
                "chips": json.dumps(chips),
                "frame_ids": json.dumps(ids),
                "keywords": json.dumps(frame.keywords),
                "changed": utcnow(),
            },
        )

    async def frame_ids(self, file_id: UUID) -> dict[int, UUID] | None:
        """Give IFU (0: field) -> frame id of a file; None for an unknown file."""
        found = await self._tx.execute(
            "SELECT frame_ids FROM frame WHERE file_id = :id", {"id": file_id}
        )
        row = found.first()
        if row is None:
            return None
        return {int(n): UUID(text) for n, text in row[0].items()}

    async def set_validity(
        self, file_id: UUID, is_valid: bool | None, flags: Collection[str]
    ) -> None:
        """Take over what people and rules say of a whole file."""
        await self._tx.execute(
            "UPDATE frame SET is_valid = :valid, quality_flags = CAST(:flags AS jsonb), "
            "changed = :now WHERE file_id = :id",
            {
                "id": file_id,
                "valid": is_valid,
                "flags": json.dumps(list(flags)),
                "now": utcnow(),
            },
        )

    async def set_bad_ifus(
        self, file_id: UUID, ifus: Collection[int], *, bad: bool
    ) -> None:
        """Mark single IFUs of a file as not to be used, or take that back."""
        change = "bad_ifus || CAST(:ifus AS integer[])" if bad else "bad_ifus"
        but = "" if bad else "WHERE NOT n = ANY(CAST(:ifus AS integer[]))"
        await self._tx.execute(
            "UPDATE frame SET changed = :now, bad_ifus = ARRAY(SELECT DISTINCT n FROM "  # noqa: S608
            f"unnest({change}) AS n {but} ORDER BY n) WHERE file_id = :id",
            {"id": file_id, "ifus": list(ifus), "now": utcnow()},
        )

    async def visible(
        self, projects: Collection[str] | None, *, until: datetime | None = None
    ) -> list[FrameRecord]:
        """Give all frames of these projects (None: of all), and every static.

        Parameters
        ----------
        until
            Leave out what was ingested later.
        """
        found = await self._tx.execute(
            f"SELECT {_COLUMNS} FROM frame WHERE {_VISIBLE} "  # noqa: S608  fixed text
            "AND (CAST(:until AS timestamptz) IS NULL OR ingested <= :until) "
            "ORDER BY file_id",
            {"projects": _listed(projects), "until": until},
        )
        read = _Reader()
        return [read.frame(row) for row in found.mappings()]

    async def nights(
        self, projects: Collection[str] | None, tags: Collection[str]
    ) -> list[str]:
        """Give the nights in which visible frames of these tags were taken, in order."""
        found = await self._tx.execute(
            f"SELECT DISTINCT night FROM frame WHERE night IS NOT NULL "  # noqa: S608
            f"AND tag = ANY(:tags) AND {_VISIBLE} ORDER BY night",
            {"tags": list(tags), "projects": _listed(projects)},
        )
        return [row[0] for row in found]

    async def stored(self, file_ids: Collection[UUID]) -> dict[UUID, KeptFile]:
        """Say what is in these files and where their bytes are."""
        if not file_ids:
            return {}
        found = await self._tx.execute(
            "SELECT file_id, filename, object_key, sha256, content_key, size "
            "FROM frame WHERE file_id = ANY(:ids)",
            {"ids": list(file_ids)},
        )
        files = (KeptFile.model_validate(dict(row)) for row in found.mappings())
        return {file.file_id: file for file in files}

    async def target_names(self, projects: Collection[str] | None) -> list[str]:
        """Give the names of all visible targets, in order."""
        found = await self._tx.execute(
            f"SELECT DISTINCT target FROM frame WHERE target IS NOT NULL AND {_VISIBLE} "  # noqa: S608
            "ORDER BY target",
            {"projects": _listed(projects)},
        )
        return [row[0] for row in found]


def _listed(projects: Collection[str] | None) -> list[str] | None:
    return None if projects is None else sorted(projects)


class _Reader:
    """Turns rows into frames; frames of the same detectors share their description."""

    def __init__(self) -> None:
        self._chips: dict[str, dict[int, ChipSetup]] = {}

    def frame(self, row: Mapping[str, Any]) -> FrameRecord:
        """Give a row as a frame; what the database holds was checked on its way in."""
        values = dict(row)
        bad, chips = values.pop("bad_ifus"), values.pop("chips")
        name = f"{bad} {chips}"
        if name not in self._chips:
            self._chips[name] = {
                int(n): ChipSetup(
                    **{**chip, **({"live": False} if int(n) in bad else {})}
                )
                for n, chip in json.loads(chips).items()
            }
        return FrameRecord.model_construct(**values, ifus=self._chips[name])
