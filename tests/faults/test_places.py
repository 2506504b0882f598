"""Folders of our own: private when they are made, and refused when another user can read or replace them."""

import os
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from strongroom.adapters.embedded import EmbeddedUnavailable, default_folder, start_embedded
from strongroom.adapters.embedded.files import read_text, remove, replace_text
from strongroom.adapters.embedded.places import UnsafeFolder, is_private, locate, make_private, make_temporary
from strongroom.adapters.embedded.scratch import scratch_folder
from strongroom.adapters.embedded.server import _own
from strongroom.adapters.embedded.users import Unusable, User, server_user

US = User(os.geteuid(), os.getegid())


def mode(path: Path) -> int:
    """Return the rights of a path."""
    return stat.S_IMODE(path.lstat().st_mode)


@pytest.mark.parametrize("umask", [0o000, 0o077])
def test_a_folder_is_made_for_the_server_alone(tmp_path: Path, umask: int) -> None:
    """Whatever the umask: the folder is 700, and those above it can at most be passed through, by root's server."""
    before = os.umask(umask)
    try:
        folder = locate(tmp_path / "a" / "b" / "data")
        assert not folder.exists()
        make_private(folder, server_user())
    finally:
        os.umask(before)
    assert (mode(folder), folder.stat().st_uid) == (0o700, server_user().uid)
    assert {mode(above) for above in (tmp_path / "a", tmp_path / "a" / "b")} == {0o711 if US.uid == 0 else 0o700}
    make_private(folder, server_user())


def test_a_folder_that_others_can_write_to_is_refused(tmp_path: Path) -> None:
    """Mode 777 lets anybody replace what is below; with the sticky bit, as in /tmp, everybody keeps their own."""
    open_to_all = tmp_path / "open"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    with pytest.raises(UnsafeFolder, match=rf"{open_to_all} can be written to by other users \(mode 777\): run chmod"):
        locate(open_to_all / "data")
    open_to_all.chmod(0o1777)
    assert locate(open_to_all / "data") == open_to_all / "data"


def test_a_folder_that_others_can_enter_is_closed_only_if_it_is_empty(tmp_path: Path) -> None:
    """An empty folder of ours gets mode 700; one that holds something is refused with what to do."""
    folder = tmp_path / "data"
    folder.mkdir()
    folder.chmod(0o777)
    make_private(folder, US)
    assert mode(folder) == 0o700
    (folder / "file").touch()
    folder.chmod(0o755)
    with pytest.raises(UnsafeFolder, match=r"can be entered by other users \(mode 755\): run chmod 700"):
        make_private(folder, US)


def test_links_are_followed_in_places_of_ours_and_nowhere_else(tmp_path: Path) -> None:
    """A link of ours may lead elsewhere, as to a larger disk; one in a folder that others write to is refused."""
    (tmp_path / "disk").mkdir()
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "link").symlink_to("../disk")
    assert locate(tmp_path / "home" / "link" / "x" / ".." / "data") == tmp_path / "disk" / "data"
    assert locate(tmp_path / "home" / "link") == tmp_path / "disk"
    (tmp_path / "home").chmod(0o1777)
    for path in ("link", "link/data"):
        with pytest.raises(UnsafeFolder, match=r"home/link is a symbolic link .* other users can write to: remove it"):
            locate(tmp_path / "home" / path)


def test_links_in_a_circle_end_in_an_error(tmp_path: Path) -> None:
    """Two links that name each other are no folder."""
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to("a")
    with pytest.raises(UnsafeFolder, match="circle"):
        locate(tmp_path / "a" / "data")


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    """Neither a folder nor one above it can be a file."""
    (tmp_path / "file").touch()
    with pytest.raises(UnsafeFolder, match="file is no folder"):
        locate(tmp_path / "file" / "data")
    with pytest.raises(UnsafeFolder, match="file is no folder"):
        make_private(tmp_path / "file", US)


def test_what_appears_between_the_check_and_the_use_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link that is put in place as the folder is about to be made is not taken for it."""
    make: Callable[..., None] = Path.mkdir
    victim = tmp_path / "victim"
    make(victim)

    def first(path: Path, *arguments: int) -> None:
        if not path.is_symlink():
            path.symlink_to(victim)
        make(path, *arguments)

    monkeypatch.setattr(Path, "mkdir", first)
    tmp_path.chmod(0o1777)
    for folder in (tmp_path / "data", tmp_path / "above" / "data"):
        with pytest.raises(UnsafeFolder, match=r"no folder|symbolic link"):
            make_private(locate(folder), server_user())
    assert (victim.stat().st_uid, list(victim.iterdir())) == (US.uid, [])


def test_many_may_make_one_folder_at_once(tmp_path: Path) -> None:
    """All find the same folder, private."""
    folder = tmp_path / "a" / "data"

    def make(_number: int) -> int:
        make_private(locate(folder), server_user())
        return folder.stat().st_ino

    with ThreadPoolExecutor(8) as threads:
        assert len({*threads.map(make, range(16))}) == 1
    assert is_private(folder, server_user())


def test_data_that_another_process_is_just_making_is_no_fault_of_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever comes while initdb runs waits for the lock, and looks at the data then."""
    folder = locate(tmp_path / "data")
    make_private(folder, server_user())
    replace_text(folder / "PG_VERSION", "16\n")
    assert _own(folder) == folder
    monkeypatch.setattr("strongroom.adapters.embedded.places.is_private", lambda *_: False)
    with pytest.raises(Unusable, match="did not"):
        _own(folder)


def test_a_temporary_folder_is_private_and_its_name_is_new(tmp_path: Path) -> None:
    """Nobody can have made it before."""
    first, second = (make_temporary(tmp_path, server_user()) for _ in range(2))
    assert first != second
    assert is_private(first, server_user())
    first.chmod(0o750)
    assert not is_private(first, server_user())
    assert not is_private(tmp_path / "absent", server_user())


def test_a_link_in_the_place_of_a_file_is_neither_read_nor_written(tmp_path: Path) -> None:
    """The user that the server runs as may plant one: root would write where it leads."""
    secret = tmp_path / "secret"
    secret.write_text("root's own")
    folder = locate(tmp_path / "data")
    make_private(folder, server_user())
    for name in ("strongroom.conf", "list.json"):
        (folder / name).symlink_to(secret)
        with pytest.raises(OSError, match=r"symbolic links?"):
            read_text(folder / name)
    replace_text(folder / "strongroom.conf", "ours")
    remove(folder / "list.json")
    assert secret.read_text() == "root's own"
    assert (read_text(folder / "strongroom.conf"), mode(folder / "strongroom.conf")) == ("ours", 0o600)
    assert [path.name for path in folder.iterdir()] == ["strongroom.conf"]
    os.mkfifo(folder / "log")
    with pytest.raises(FileNotFoundError, match="no file of the server"):
        read_text(folder / "log")


def test_the_scratch_server_is_in_the_temporary_folder(public: Path) -> None:
    """The user's processes share one, by a name that holds the user's number."""
    assert scratch_folder() == public / f"strongroom-scratch-{US.uid}" / "postgres-16"


def test_a_link_in_the_scratch_servers_place_is_refused(public: Path, tmp_path: Path) -> None:
    """Whoever made the link decided where it leads: nothing there changes, and the error says what to do."""
    victim = tmp_path / "victim"
    victim.mkdir(0o700)
    (public / f"strongroom-scratch-{US.uid}").symlink_to(victim)
    with pytest.raises(EmbeddedUnavailable, match=r"strongroom-scratch-\d+ is a symbolic link .*TMPDIR"):
        start_embedded(scratch_folder())
    assert (mode(victim), victim.stat().st_uid, list(victim.iterdir())) == (0o700, US.uid, [])


def test_a_user_without_a_home_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """A container's user may have no entry in /etc/passwd, and no HOME."""
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.delenv("HOME", raising=False)
    monkeypatch.setattr("pwd.getpwuid", lambda uid: (_ for _ in ()).throw(KeyError(uid)))
    with pytest.raises(EmbeddedUnavailable, match="set HOME or XDG_DATA_HOME"):
        default_folder()
    with pytest.raises(EmbeddedUnavailable, match="no such home folder"):
        start_embedded(Path("~nobody-of-this-name/data"))
