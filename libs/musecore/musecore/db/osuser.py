"""Under which account PostgreSQL runs: it refuses to be root."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Account", "account_for"]


@dataclass(frozen=True)
class Account:
    """How to start a program so that it is not root.

    Attributes
    ----------
    prefix
        Words before the command line; empty when we are not root.
    uid, gid
        Who must own the files; None: files stay with us.
    """

    prefix: tuple[str, ...]
    uid: int | None = None
    gid: int | None = None

    def own(self, *paths: Path) -> None:
        """Give files, and folders with all in them, to this account."""
        uid = os.geteuid() if self.uid is None else self.uid
        gid = os.getegid() if self.gid is None else self.gid
        for path in paths:
            if path.exists() and path.stat().st_uid != uid:
                _chown_tree(path, uid, gid)


def account_for(cluster: Path, binary: Path) -> Account:
    """Choose the account that can run `binary` on the folder `cluster`.

    As root this is ``nobody`` where every parent folder lets it pass. Under a
    folder such as ``/root`` (mode 0700) it is root seen through a user namespace
    as uid 1000: PostgreSQL sees no root, and access to files stays ours.
    """
    if os.geteuid() != 0:
        return Account(prefix=())
    nobody = _nobody()
    nobody.own(cluster)
    if _can(nobody, cluster, binary):
        return nobody
    mapped = Account(("unshare", "--user", "--map-user=1000", "--map-group=1000", "--"))
    mapped.own(cluster)
    return mapped


def _nobody() -> Account:
    entry = pwd.getpwnam("nobody")
    uid, gid = entry.pw_uid, entry.pw_gid
    prefix = (
        *("setpriv", f"--reuid={uid}", f"--regid={gid}"),
        *("--clear-groups", "--inh-caps=-all", "--"),
    )
    return Account(prefix, uid, gid)


def _can(account: Account, cluster: Path, binary: Path) -> bool:
    if shutil.which(account.prefix[0]) is None:
        return False
    test = f'test -x "{binary}" && test -w "{cluster}"'
    command = [*account.prefix, "/bin/sh", "-c", test]
    done = subprocess.run(command, check=False, cwd="/", capture_output=True)  # noqa: S603
    return done.returncode == 0


def _chown_tree(path: Path, uid: int, gid: int) -> None:
    os.chown(path, uid, gid, follow_symlinks=False)
    if path.is_dir() and not path.is_symlink():
        for entry in path.iterdir():
            _chown_tree(entry, uid, gid)
