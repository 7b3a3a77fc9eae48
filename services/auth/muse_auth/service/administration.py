"""What an administrator does beside the server: accounts, secrets, projects.

Every use case may be repeated: what is there already stays as it is.
"""

import asyncio
import secrets
from typing import NamedTuple

from muse_auth.models import Account, Member, Project
from muse_auth.rules import OWNER, AccountKindDiffers, AccountNotFound
from muse_auth.service.accounts import hash_secret
from muse_auth.store import AuthStore
from musecore.db import Database
from musecore.identity import ADMIN_SCOPE, SERVICE_SCOPE

__all__ = ["Administration", "Made", "new_secret"]

_SCOPES = {"person": ["user", ADMIN_SCOPE], "service": [SERVICE_SCOPE]}


class Made(NamedTuple):
    """What was done: whether the account is new, and its secret if it was set."""

    new: bool
    secret: str | None


def new_secret() -> str:
    """Give a secret that nobody guesses."""
    return secrets.token_urlsafe(32)


class Administration:
    """Accounts, secrets and projects, made by who may write to the database.

    Parameters
    ----------
    by
        Who does it, for the audit.
    """

    def __init__(self, database: Database, by: str) -> None:
        self._database = database
        self._by = by

    async def make_administrator(self, name: str, secret: str | None = None) -> Made:
        """Make an administrator, with this secret or a new one.

        One that exists keeps its secret, unless one is given.
        """
        return await self._make(name, "person", secret)

    async def make_service_account(self, name: str, secret: str | None = None) -> Made:
        """Make the account of a service, as `make_administrator`."""
        return await self._make(name, "service", secret)

    async def reset_secret(self, name: str, secret: str | None = None) -> Made:
        """Give an account another secret; the old one ends at once.

        Tokens that were given for the old one hold until their time is over.

        Raises
        ------
        AccountNotFound
        """
        given = secret or new_secret()
        kept = await _kept(given)
        async with self._database.begin() as tx:
            store = AuthStore(tx)
            await store.put_account(await _existing(store, name), kept)
            await store.audit(self._by, "secret changed", account=name)
        return Made(new=False, secret=given)

    async def make_project(self, name: str, owner: str) -> bool:
        """Make a project that an account owns; tells whether it is new.

        One that exists gets the account as a further owner.

        Raises
        ------
        AccountNotFound
        """
        async with self._database.begin() as tx:
            store = AuthStore(tx)
            await _existing(store, owner)
            new = await store.add_project(Project(name=name, doc=""))
            level = (await store.levels(owner)).get(name)
            if new:
                await store.audit(self._by, "project made", project=name)
            if level != OWNER:
                member = Member(project=name, subject=owner, level=OWNER)
                await store.put_member(member)
                await store.audit(
                    self._by, "grant", project=name, to=owner, level=OWNER
                )
        return new

    async def _make(self, name: str, kind: str, secret: str | None) -> Made:
        given = secret or new_secret()
        kept = await _kept(given)
        account = Account.model_validate(
            {"subject": name, "name": name, "kind": kind, "scopes": _SCOPES[kind]}
        )
        async with self._database.begin() as tx:
            store = AuthStore(tx)
            known = await store.account(name)
            if known is not None and known.kind != kind:
                raise AccountKindDiffers(
                    f"The account '{name}' exists, and is a {known.kind}'s.",
                    hint="Choose another name.",
                )
            has_secret = await store.secret_hash(name) is not None
            set_secret = secret is not None or not has_secret
            if known != account or set_secret:
                await store.put_account(account, kept if set_secret else None)
                await store.audit(
                    self._by,
                    "account made" if known is None else "account changed",
                    account=name,
                    kind=kind,
                    scopes=account.scopes,
                    secret_set=set_secret,
                )
        return Made(new=known is None, secret=given if set_secret else None)


async def _kept(secret: str) -> str:
    return await asyncio.to_thread(hash_secret, secret, secrets.token_bytes(16))


async def _existing(store: AuthStore, name: str) -> Account:
    account = await store.account(name)
    if account is None:
        raise AccountNotFound(
            f"There is no account '{name}'.",
            hint="Make it: musewise-server admin create, or admin service-account",
        )
    return account
