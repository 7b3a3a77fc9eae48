"""SQL of the storage gateway. Takes a transaction, gives models, never commits."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, or_, select, true, update
from sqlalchemy.dialects.postgresql import insert

from muse_storage.models import Access, BadCopy, FileFacts, StoredFile, Upload
from muse_storage.tables import BadCopyRow, FileRow, GarbageRow, UploadRow
from musecore.db import Transaction

__all__ = ["InventoryStore"]

_DELIVERED = or_(FileRow.kind.is_(None), FileRow.kind.in_(("raw", "static")))


def _visible(access: Access) -> ColumnElement[bool]:
    if access.everything:
        return true()
    return or_(FileRow.project.in_(access.projects), FileRow.kind == "static")


class InventoryStore:
    """Uploads, files and garbage of one site, in one transaction."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx

    async def add_upload(self, values: dict[str, Any]) -> Upload | None:
        """Add an upload; None when there is one of this id."""
        found = await self._tx.session.scalars(
            insert(UploadRow)
            .values(values)
            .on_conflict_do_nothing()
            .returning(UploadRow)
        )
        row = found.one_or_none()
        return None if row is None else Upload.model_validate(row)

    async def upload(self, file_id: UUID, *, lock: bool = False) -> Upload | None:
        """Give an upload; with `lock`, others wait until the transaction ends."""
        query = select(UploadRow).where(UploadRow.file_id == file_id)
        row = await self._tx.session.scalar(query.with_for_update() if lock else query)
        return None if row is None else Upload.model_validate(row)

    async def open_uploads(self, before: datetime) -> list[Upload]:
        """Give the uploads opened before a moment and never committed, locked."""
        query = select(UploadRow).where(
            UploadRow.state == "OPEN", UploadRow.created_at < before
        )
        found = await self._tx.session.scalars(query.with_for_update())
        return [Upload.model_validate(row) for row in found]

    async def settle(self, file_id: UUID, **values: Any) -> None:
        """Write the end of an upload."""
        await self._tx.session.execute(
            update(UploadRow).where(UploadRow.file_id == file_id).values(values)
        )

    async def break_off(self, file_id: UUID) -> str | None:
        """End an upload that is still open; give its key, None if it was not."""
        key: str | None = await self._tx.session.scalar(
            update(UploadRow)
            .where(UploadRow.file_id == file_id, UploadRow.state == "OPEN")
            .values(state="SWEPT")
            .returning(UploadRow.object_key)
        )
        return key

    async def lock_content(self, project: str, sha256: str) -> None:
        """Let transactions about the same bytes in the same project take turns."""
        await self._tx.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended(:key, 0))",
            {"key": f"{project} {sha256}"},
        )

    async def delivered(self, project: str, sha256: str) -> StoredFile | None:
        """Give the file of a project that was put with these bytes."""
        row = await self._tx.session.scalar(
            select(FileRow).where(
                FileRow.project == project, FileRow.sha256 == sha256, _DELIVERED
            )
        )
        return None if row is None else StoredFile.model_validate(row)

    async def add_file(self, upload: Upload, facts: FileFacts) -> StoredFile:
        """Add the file of an upload to the inventory."""
        row = FileRow(
            file_id=upload.file_id,
            kind=upload.kind,
            filename=upload.filename,
            object_key=upload.object_key,
            project=upload.project,
            owner=upload.owner,
            sha256=facts.sha256,
            content_key=facts.content_key,
            size=facts.size,
            state="STORED",
        )
        self._tx.session.add(row)
        await self._tx.session.flush()
        await self._tx.session.refresh(row)
        return StoredFile.model_validate(row)

    async def revive(self, file_id: UUID, object_key: str) -> StoredFile:
        """Give an evicted file its bytes back, under a new key."""
        row = await self._tx.session.scalar(
            update(FileRow)
            .where(FileRow.file_id == file_id)
            .values(
                state="STORED",
                object_key=object_key,
                evicted_at=None,
                evict_reason=None,
            )
            .returning(FileRow)
        )
        return StoredFile.model_validate(row)

    async def evict(self, file_id: UUID, reason: str, at: datetime) -> str | None:
        """Mark a file as without bytes; give its key, None if it had none."""
        key: str | None = await self._tx.session.scalar(
            update(FileRow)
            .where(FileRow.file_id == file_id, FileRow.state == "STORED")
            .values(state="EVICTED", evicted_at=at, evict_reason=reason)
            .returning(FileRow.object_key)
        )
        return key

    async def file(self, file_id: UUID, access: Access) -> StoredFile | None:
        """Give a file that `access` lets one know of."""
        row = await self._tx.session.scalar(
            select(FileRow).where(FileRow.file_id == file_id, _visible(access))
        )
        return None if row is None else StoredFile.model_validate(row)

    async def same_bytes(self, file: StoredFile) -> list[StoredFile]:
        """Give the other files of the site that hold the same bytes."""
        rows = await self._tx.session.scalars(
            select(FileRow)
            .where(
                FileRow.sha256 == file.sha256,
                FileRow.file_id != file.file_id,
                FileRow.state == "STORED",
            )
            .order_by(FileRow.file_id)
        )
        return [StoredFile.model_validate(row) for row in rows]

    async def add_bad_copy(
        self, file_id: UUID, found: str, by: str, replaced_from: UUID | None
    ) -> None:
        """Write down that a copy was damaged."""
        await self._tx.session.execute(
            insert(BadCopyRow).values(
                file_id=file_id,
                found_sha256=found,
                reported_by=by,
                replaced_from=replaced_from,
            )
        )

    async def bad_copies(self, limit: int) -> list[BadCopy]:
        """Give the damaged copies, the newest first."""
        rows = await self._tx.session.scalars(
            select(BadCopyRow).order_by(BadCopyRow.id.desc()).limit(limit)
        )
        return [BadCopy.model_validate(row) for row in rows]

    async def used_bytes(self) -> int:
        """Give the sum of the sizes of all files that have their bytes."""
        query = select(func.coalesce(func.sum(FileRow.size), 0))
        used = await self._tx.session.scalar(query.where(FileRow.state == "STORED"))
        return int(used or 0)

    async def add_garbage(self, keys: Sequence[str]) -> None:
        """Note keys whose bytes are to go."""
        if keys:
            await self._tx.session.execute(
                insert(GarbageRow)
                .values([{"object_key": key} for key in keys])
                .on_conflict_do_nothing()
            )

    async def unknown(self, keys: Sequence[str]) -> list[str]:
        """Give those of the keys that no stored file and no open upload names."""
        found = await self._tx.execute(
            "SELECT k FROM unnest(CAST(:keys AS text[])) AS k WHERE NOT EXISTS "
            "(SELECT FROM file WHERE object_key = k AND state = 'STORED') "
            "AND NOT EXISTS (SELECT FROM upload WHERE object_key = k "
            "AND state = 'OPEN') ORDER BY k",
            {"keys": list(keys)},
        )
        return [row[0] for row in found]

    async def garbage(self) -> list[str]:
        """Give the keys whose bytes are to go."""
        return list(await self._tx.session.scalars(select(GarbageRow.object_key)))

    async def forget_garbage(self, keys: Sequence[str]) -> None:
        """Forget keys whose bytes are gone."""
        await self._tx.session.execute(
            delete(GarbageRow).where(GarbageRow.object_key.in_(keys))
        )
