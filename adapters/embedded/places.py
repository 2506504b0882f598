"""Folders of our own: made privately, or checked before they are used.

A path is walked from the root down. A folder that only root and this process's user can change stays as it was looked
at, so the next step below it needs no lock; in a folder that everybody can write to and whose sticky bit is set, as in
/tmp, that holds for entries that are ours. Windows keeps users apart by their profiles, and is not asked.
"""

import grp
import os
import pwd
import stat
import tempfile
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from shlex import quote
from typing import Final

from .users import ROOTS_FOLDER, Unusable, User

PRIVATE: Final = 0o700
PASSAGE: Final = 0o711
"""The mode of a folder of root's that the server's user has to pass through, without reading it."""
_OTHERS_WRITE: Final = stat.S_IWGRP | stat.S_IWOTH
_OTHERS: Final = stat.S_IRWXG | stat.S_IRWXO
_MAX_LINKS: Final = 40
_MAX_ATTEMPTS: Final = 1000
_BEING_MADE_SECONDS: Final = 2.0
"""An empty folder of root's that is older than this is not being made by another process any more."""
ELSEWHERE: Final = (
    "name a folder of your own (embedded:/folder or XDG_DATA_HOME; TMPDIR for scratch databases and long paths)"
)


class UnsafeFolder(Unusable):
    """A folder that another user can read or replace, or that the server cannot use; says where and what to do."""

    def __init__(self, folder: Path, reason: str, advice: str = ELSEWHERE) -> None:
        self.folder = folder
        super().__init__(f"{folder} {reason}: {advice}")


def locate(path: Path, *, make: bool = True) -> Path:
    """Return a path without links, after making the folders above its end that are missing, unless told not to.

    The end itself is neither made nor checked, unless it is a link. Raises UnsafeFolder if another user can replace
    any folder above the end, and for a link in a folder that others can write to.
    """
    at = Path(path.anchor)
    _require_trusted(at, at.lstat())
    parts = deque(path.parts[1:])
    links = 0
    while parts:
        name = parts.popleft()
        if name == "..":
            at = at.parent
            continue
        entry = at / name
        try:
            status = entry.lstat()
        except FileNotFoundError:
            if not parts or not make:
                return entry.joinpath(*parts)
            _make_passage(entry)
            parts.appendleft(name)
            continue
        except OSError as error:
            raise UnsafeFolder(entry, f"cannot be reached ({error.strerror})") from None
        if stat.S_ISLNK(status.st_mode):
            links += 1
            at, ahead = _follow(entry, status, links)
            parts.extendleft(reversed(ahead))
            continue
        if parts:
            _require_trusted(entry, status)
        at = entry
    return at


@contextmanager
def entered(folder: Path) -> Iterator[int]:
    """Open a folder, which must be no link, and give its descriptor. Raises OSError."""
    target = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        yield target
    finally:
        os.close(target)


def refuse_others(folder: Path, user: User) -> None:
    """Raise UnsafeFolder if something is there that is no folder, or that neither this user nor the server's made."""
    with suppress(FileNotFoundError):
        status = folder.lstat()
        if not stat.S_ISDIR(status.st_mode):
            raise UnsafeFolder(folder, "is no folder")
        if status.st_uid not in (user.uid, os.geteuid()):
            raise UnsafeFolder(folder, f"belongs to {_name_of(status.st_uid)}")


def make_private(folder: Path, user: User) -> None:
    """Make a folder of mode 700 that belongs to the server's user, or check that it is one. Raises UnsafeFolder.

    Call it with a path from ``locate``. Only a folder that this very process made is given to another user; an empty
    a new folder of root's is created for that.
    """
    for _ in range(_MAX_ATTEMPTS):
        try:
            folder.mkdir(PRIVATE)
        except FileExistsError:
            if _is_ready(folder, user):
                return
        except OSError as error:
            raise UnsafeFolder(folder, f"cannot be made ({error.strerror})") from None
        else:
            if user.uid == os.geteuid() or _give(folder, user):
                return
    raise UnsafeFolder(folder, "is made and removed by other processes all the time")


def make_temporary(base: Path, user: User) -> Path:
    """Make a folder of mode 700 that belongs to the server's user, with a name that nobody knew before."""
    folder = Path(tempfile.mkdtemp(prefix="strongroom-", dir=base))
    if user.uid != os.geteuid() and not _give(folder, user):
        raise UnsafeFolder(folder, "was replaced as it was made")
    return folder


def is_private(folder: Path, user: User) -> bool:
    """Say whether a path is a folder of the server's user that no other user but root can enter or replace."""
    try:
        status = folder.lstat()
        return locate(folder) == folder and _is_closed(status) and status.st_uid == user.uid
    except (UnsafeFolder, OSError):
        return False


def closed_to(folder: Path, user: User) -> Path | None:
    """Return the first folder on the way to one, from the root down, that a user may not pass through.

    Folders that are not there yet count as open.
    """
    for above in reversed(folder.parents):
        try:
            status = above.stat()
        except OSError:
            return None
        if status.st_uid == user.uid:
            needed = stat.S_IXUSR
        else:
            needed = stat.S_IXGRP if status.st_gid == user.gid else stat.S_IXOTH
        if not status.st_mode & needed:
            return above
    return None


def require_open(folder: Path, user: User) -> None:
    """Raise UnsafeFolder if the server's user may not pass through every folder on the way to one."""
    closed = closed_to(folder, user)
    if closed is not None:
        reason = f"is closed to {_name_of(user.uid)}, the user that root's server runs as"
        advice = f"run chmod o+x {quote(str(closed))}, or name a folder below {ROOTS_FOLDER}"
        raise UnsafeFolder(closed, reason, advice)


def _follow(link: Path, status: os.stat_result, links: int) -> tuple[Path, list[str]]:
    """Return where a link's target begins, and the target's parts; refuse what others could have put there."""
    if links > _MAX_LINKS:
        raise UnsafeFolder(link, "is a symbolic link that leads round in a circle")
    if status.st_uid not in (0, os.geteuid()) or _can_others_write(link.parent.lstat()):
        reason = f"is a symbolic link of {_name_of(status.st_uid)} in a folder that other users can write to"
        raise UnsafeFolder(link, reason, f"remove it, or {ELSEWHERE}")
    target = link.readlink()
    return (Path("/") if target.is_absolute() else link.parent), [part for part in target.parts if part != "/"]


def _require_trusted(folder: Path, status: os.stat_result) -> None:
    if not stat.S_ISDIR(status.st_mode):
        raise UnsafeFolder(folder, "is no folder")
    if status.st_uid not in (0, os.geteuid()):
        raise UnsafeFolder(folder, f"belongs to {_name_of(status.st_uid)}, who can replace what is in it")
    if _can_others_write(status) and not status.st_mode & stat.S_ISVTX:
        reason = f"can be written to by other users (mode {stat.S_IMODE(status.st_mode):o})"
        raise UnsafeFolder(folder, reason, f"run chmod go-w {quote(str(folder))}, or {ELSEWHERE}")


def _can_others_write(status: os.stat_result) -> bool:
    if status.st_mode & stat.S_IWOTH:
        return True
    return bool(status.st_mode & stat.S_IWGRP) and not _is_private_group(status)


def _is_private_group(status: os.stat_result) -> bool:
    """Say whether a folder's group is its owner's alone, as systems with a umask of 002 make one for each user."""
    try:
        group, owner = grp.getgrgid(status.st_gid), pwd.getpwuid(status.st_uid)
    except KeyError:
        return False
    return group.gr_gid == owner.pw_gid and group.gr_name == owner.pw_name and {*group.gr_mem} <= {owner.pw_name}


def _make_passage(folder: Path) -> None:
    try:
        folder.mkdir(PASSAGE if os.geteuid() == 0 else PRIVATE)
    except FileExistsError:
        return
    except OSError as error:
        raise UnsafeFolder(folder, f"cannot be made ({error.strerror})") from None
    if os.geteuid() == 0:
        with entered(folder) as target:
            os.fchmod(target, PASSAGE)  # whatever the umask took


def _is_ready(folder: Path, user: User) -> bool:
    """Return whether an existing folder can be used; remove an empty folder that has to be created again."""
    try:
        status = folder.lstat()
    except FileNotFoundError:
        return False
    refuse_others(folder, user)
    if status.st_uid != user.uid:
        _remove_if_left(folder, status, user)
        return False
    if _is_closed(status):
        return True
    if any(folder.iterdir()):
        reason = f"can be entered by other users (mode {stat.S_IMODE(status.st_mode):o})"
        raise UnsafeFolder(folder, reason, f"run chmod 700 {quote(str(folder))}, or {ELSEWHERE}")
    with entered(folder) as target:
        os.fchmod(target, PRIVATE)
    return not any(folder.iterdir())


def _remove_if_left(folder: Path, status: os.stat_result, user: User) -> None:
    """Remove an empty folder of root's, unless another process has just made it and is about to give it away."""
    if 0 <= time.time() - status.st_ctime < _BEING_MADE_SECONDS:
        time.sleep(0.01)
        return
    try:
        folder.rmdir()
    except FileNotFoundError:
        return
    except OSError:
        name = _name_of(user.uid)
        reason = f"belongs to root, and the server runs as {name}, since PostgreSQL refuses to run as root"
        advice = f"name a folder that is not there yet, or run chown -R {user.uid} {quote(str(folder))}"
        raise UnsafeFolder(folder, reason, advice) from None


def _give(folder: Path, user: User) -> bool:
    """Give a folder that this process has just made to the server's user, and say whether the path is still its."""
    try:
        with entered(folder) as target:
            made = os.fstat(target)
            if made.st_uid != os.geteuid():
                return False
            os.fchown(target, user.uid, user.gid)
            return os.path.samestat(made, folder.lstat())
    except FileNotFoundError:
        return False


def _is_closed(status: os.stat_result) -> bool:
    return stat.S_ISDIR(status.st_mode) and not status.st_mode & _OTHERS


def _name_of(uid: int) -> str:
    try:
        return f"{pwd.getpwuid(uid).pw_name} (uid {uid})"
    except KeyError:
        return f"uid {uid}"
