"""Accounts, projects and tokens, for people and services that sign in."""

import asyncio
import hashlib
import hmac
import secrets
from datetime import timedelta

from muse_auth.models import Account, Member, NewProject, Project, Token
from muse_auth.rules import (
    OWNER,
    AccountNotFound,
    CredentialsWrong,
    ProjectExists,
    require_owner,
)
from muse_auth.store import AuthStore
from musecore.db import Database
from musecore.identity import SERVICE_SCOPE, Principal, TokenIssuer

__all__ = ["AuthService", "hash_secret"]

_SCRYPT = {"n": 2**14, "r": 8, "p": 1}  # RFC 7914, interactive use


def hash_secret(secret: str, salt: bytes) -> str:
    """Give what is kept of a secret: its salt and scrypt hash."""
    digest = hashlib.scrypt(secret.encode(), salt=salt, **_SCRYPT)
    return f"{salt.hex()}${digest.hex()}"


def _fits(secret: str, kept: str) -> bool:
    salt = bytes.fromhex(kept.partition("$")[0])
    return hmac.compare_digest(hash_secret(secret, salt), kept)


class AuthService:
    """Accounts, projects and tokens."""

    def __init__(
        self, database: Database, issuer: TokenIssuer, lifetime: timedelta
    ) -> None:
        self._database = database
        self._issuer = issuer
        self._lifetime = lifetime

    async def token(self, subject: str, secret: str) -> Token:
        """Give a token for an account's secret (client credentials grant).

        Raises
        ------
        CredentialsWrong
            No such account, or another secret; the two look the same.
        """
        async with self._database.begin() as tx:
            kept = await AuthStore(tx).secret_hash(subject)
        known = kept or hash_secret(secrets.token_hex(8), secrets.token_bytes(16))
        right = await asyncio.to_thread(_fits, secret, known)
        if kept is None or not right:
            msg = f"The secret does not fit account '{subject}'."
            raise CredentialsWrong(msg, hint="Ask an administrator for a new one.")
        return await self.token_of(subject)

    async def token_of(self, subject: str) -> Token:
        """Give a token that says what the tables say of an account.

        Raises
        ------
        AccountNotFound
        """
        async with self._database.begin() as tx:
            store = AuthStore(tx)
            account = await store.account(subject)
            levels = await store.levels(subject)
        if account is None:
            msg = f"There is no account '{subject}'."
            raise AccountNotFound(msg)
        principal = Principal(
            subject=subject,
            name=account.name,
            projects=levels,
            scopes=frozenset(account.scopes),
        )
        return Token(
            access_token=self._issuer.issue(principal, self._lifetime),
            token_type="Bearer",  # noqa: S106  the name of the scheme
            expires_in=int(self._lifetime.total_seconds()),
        )

    async def bootstrap(self, subject: str, project: str) -> None:
        """Make the first account and project of an embedded server; may be repeated."""
        person = Account(subject=subject, name=subject, kind="person", scopes=["user"])
        robot = Account(
            subject="musewise-services",
            name="musewise",
            kind="service",
            scopes=[SERVICE_SCOPE],
        )
        async with self._database.begin() as tx:
            store = AuthStore(tx)
            known = await store.levels(subject)
            await store.put_account(person, None)
            await store.put_account(robot, None)
            await store.add_project(Project(name=project, doc="Data of this server"))
            await store.put_member(
                Member(project=project, subject=subject, level=OWNER)
            )
            if project not in known:
                await store.audit("bootstrap", "grant", project=project, to=subject)

    async def set_secret(self, subject: str, secret: str) -> None:
        """Give an account another secret.

        Raises
        ------
        AccountNotFound
        """
        kept = await asyncio.to_thread(hash_secret, secret, secrets.token_bytes(16))
        async with self._database.begin() as tx:
            store = AuthStore(tx)
            account = await store.account(subject)
            if account is None:
                msg = f"There is no account '{subject}'."
                raise AccountNotFound(msg)
            await store.put_account(account, kept)
            await store.audit(subject, "secret changed")

    async def projects(self, caller: Principal) -> list[Project]:
        """List the caller's projects."""
        async with self._database.begin() as tx:
            return await AuthStore(tx).projects(caller.subject)

    async def make_project(self, caller: Principal, new: NewProject) -> Project:
        """Make a project that the caller owns.

        Raises
        ------
        ProjectExists
        """
        project = Project(name=new.name, doc=new.doc)
        async with self._database.begin() as tx:
            store = AuthStore(tx)
            if not await store.add_project(project):
                msg = f"The name '{new.name}' is taken."
                raise ProjectExists(msg, hint="Choose another name.")
            member = Member(project=new.name, subject=caller.subject, level=OWNER)
            await store.put_member(member)
            await store.audit(caller.subject, "project made", project=new.name)
        return project

    async def grant(self, caller: Principal, member: Member) -> Member:
        """Give an account a level in a project that the caller owns.

        Raises
        ------
        ProjectNotFound, NotOwner, AccountNotFound
        """
        async with self._database.begin() as tx:
            store = AuthStore(tx)
            own = (await store.levels(caller.subject)).get(member.project, 0)
            require_owner(caller, member.project, own)
            if await store.account(member.subject) is None:
                msg = f"There is no account '{member.subject}'."
                raise AccountNotFound(msg)
            await store.put_member(member)
            await store.drop_request(member.project, member.subject)
            await store.audit(
                caller.subject,
                "grant",
                project=member.project,
                to=member.subject,
                level=member.level,
            )
        return member
