"""What another user of the machine puts in root's way: it is refused by name, and nothing there changes hands."""

import os
import subprocess
import tempfile
from pathlib import Path

import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.places import WHEELS_BINARY, pretended_server, write_pid_file

from strongroom.adapters.embedded import EmbeddedUnavailable, places, start_embedded, users
from strongroom.adapters.embedded import programs as programs_module
from strongroom.adapters.embedded.places import UnsafeFolder, locate, make_private
from strongroom.adapters.embedded.postmaster import find_server
from strongroom.adapters.embedded.scratch import scratch_folder
from strongroom.adapters.embedded.users import Unusable, User, server_user

LEVELS = st.tuples(
    st.sampled_from([0o700, 0o711, 0o755, 0o775, 0o777, 0o1775, 0o1777]),
    st.sampled_from([0, 65534]),
    st.sampled_from([0, 65534]),
    st.sampled_from([None, 0, 65534]),
)
"""A folder's mode, owner and group, and whose link stands in its place, if any does."""


@given(levels=st.lists(LEVELS, min_size=1, max_size=3))
@settings(suppress_health_check=list(HealthCheck))
def test_every_folder_on_the_way_is_looked_at(tmp_path: Path, levels: list[tuple[int, int, int, int | None]]) -> None:
    """A path is taken exactly if root alone can replace each part of it, and a link stands where only root writes."""
    expected = True
    real = Path(tempfile.mkdtemp(dir=tmp_path))
    path, can_others_write = real, False
    for number, (folder_mode, owner, group, link) in enumerate(levels):
        at = path / f"f{number}"
        if link is not None:
            linked = real / f"linked{number}"
            linked.mkdir()
            at.symlink_to(linked)
            os.chown(at, link, link, follow_symlinks=False)
            expected &= link == 0 and not can_others_write
            at = linked
        else:
            at.mkdir()
        os.chown(at, owner, group)
        at.chmod(folder_mode)
        can_others_write = bool(folder_mode & 0o002) or bool(folder_mode & 0o020 and (group, owner) != (0, 0))
        expected &= owner == 0 and (not can_others_write or bool(folder_mode & 0o1000))
        path /= f"f{number}"
    try:
        found = locate(path / "data")
    except UnsafeFolder:
        assert not expected
    else:
        assert expected
        assert found == found.parent.resolve() / "data"


def test_a_folder_of_another_user_is_refused(public: Path, stranger: User) -> None:
    """The error names the folder, its owner and what to do; neither folder changes."""
    squatted = public / "strongroom-scratch-0"
    squatted.mkdir()
    os.chown(squatted, stranger.uid, stranger.gid)
    with pytest.raises(EmbeddedUnavailable, match=r"strongroom-scratch-0 belongs to .*\(?uid 65534\)?, .*TMPDIR"):
        start_embedded(scratch_folder())
    assert squatted.stat().st_uid == stranger.uid
    os.chown(squatted, 0, 0)
    (squatted / "postgres-16").mkdir()
    os.chown(squatted / "postgres-16", stranger.uid, stranger.gid)
    with pytest.raises(EmbeddedUnavailable, match=r"postgres-16 belongs to .*uid 65534"):
        start_embedded(scratch_folder())
    assert (squatted / "postgres-16").stat().st_uid == stranger.uid


def test_a_folder_of_roots_that_is_in_use_never_changes_hands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only what this process made is given to the server's user; an empty folder is made anew for that."""
    monkeypatch.setattr(places, "_BEING_MADE_SECONDS", 0)
    used = tmp_path / "etc"
    used.mkdir(0o700)
    (used / "passwd").write_text("x")
    (tmp_path / "data").symlink_to(used)
    with pytest.raises(EmbeddedUnavailable, match="not empty"):
        start_embedded(tmp_path / "data")
    with pytest.raises(UnsafeFolder, match=r"belongs to root, and the server runs as pgserver.*name a folder"):
        make_private(used, server_user())
    assert (used.stat().st_uid, used.stat().st_mode & 0o777) == (0, 0o700)
    (used / "passwd").unlink()
    before = used.stat().st_ino
    with places.entered(used) as opened:
        make_private(used, server_user())
        assert os.fstat(opened).st_uid == 0
    assert (used.stat().st_uid, used.stat().st_ino != before) == (server_user().uid, True)


def test_a_folder_that_the_server_cannot_reach_is_named_before_anything_is_made(tmp_path: Path) -> None:
    """Folders that root keeps to itself stay closed, and the error says which one to open, or where to go."""
    private = tmp_path / "private"
    private.mkdir(0o700)
    with pytest.raises(EmbeddedUnavailable, match=rf"{private} is closed to pgserver .*run chmod o\+x .*/var/lib"):
        start_embedded(private / "a" / "data")
    assert (private.stat().st_mode & 0o777, list(private.iterdir())) == (0o700, [])


def test_roots_scratch_server_stays_out_of_a_private_temporary_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A temporary folder that only root may enter is left alone."""
    tmp_path.chmod(0o700)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert scratch_folder() == Path("/var/lib/strongroom/scratch/postgres-16")


@pytest.mark.parametrize("lie", [None, "binary", "user", "folder", "start", "socket folder"])
def test_a_pid_file_is_believed_only_of_our_own_server(tmp_path: Path, stranger: User, lie: str | None) -> None:
    """The process is the wheel's binary, of the server's user, at work in the folder, since when the file says."""
    folder = locate(tmp_path / "data")
    make_private(folder, server_user())
    binary = tmp_path / (WHEELS_BINARY if lie != "binary" else "bin/postgres")
    user = stranger if lie == "user" else server_user()
    process = pretended_server(folder, binary, user, tmp_path if lie == "folder" else folder)
    try:
        started = psutil.Process(process.pid).create_time()
        if lie == "start":
            write_pid_file(folder, process.pid, started - 3600, folder)
        if lie == "socket folder":
            write_pid_file(folder, process.pid, started, tmp_path)
            with pytest.raises(Unusable, match="which another user can enter or replace"):
                find_server(folder)
        else:
            assert (find_server(folder) is not None) is (lie is None)
    finally:
        process.kill()
        process.wait()


def test_roots_socket_is_in_a_folder_that_nobody_made_before(public: Path, tmp_path: Path, stranger: User) -> None:
    """A long path's socket has a private folder of its own: another user can neither connect nor replace it."""
    before = {*public.iterdir()}
    with start_embedded(tmp_path / ("long" * 30) / "data", fsync=False) as server:
        [made] = {*public.iterdir()} - before
        assert f"host={made}" in server.url()
        assert (made.stat().st_uid, made.stat().st_mode & 0o777) == (server_user().uid, 0o700)
        connect = f"import socket; socket.socket(socket.AF_UNIX).connect('{made}/.s.PGSQL.5432')"
        others = subprocess.run(
            ["/usr/bin/env", "python3", "-c", connect], user=stranger.uid, capture_output=True, text=True, check=False
        )
        assert "PermissionError" in others.stderr or "Permission denied" in others.stderr
    assert {*public.iterdir()} == before


def test_the_programs_are_copied_where_the_servers_user_can_reach_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root's virtual environment may be closed to others: no folder is opened for them, and the copy runs."""
    monkeypatch.setattr(programs_module, "ROOTS_FOLDER", tmp_path / "lib")
    copied = programs_module._copied(programs_module._installed())
    assert copied.is_relative_to(tmp_path / "lib")
    assert programs_module._copied(programs_module._installed()) == copied
    done = subprocess.run(
        [copied / "postgres", "--version"], user=server_user().uid, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("postgres (PostgreSQL) 16.")


def test_a_user_for_roots_server_that_cannot_be_made_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slim image may have no useradd: the error says what is missing, and what to do by hand."""
    monkeypatch.setattr(users, "ROOTS_SUBSTITUTE", "no-such-user")
    monkeypatch.setattr(users, "_ATTEMPTS", 1)
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(Unusable, match=r"useradd: No such file .*add it by hand \(useradd --system no-such-user\)"):
        server_user.__wrapped__()


def test_the_program_that_makes_the_user_gets_none_of_roots_secrets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may run programs of others (hooks, name services), and needs no more than the path."""
    program = tmp_path / "useradd"
    program.write_text("#!/bin/sh\n/usr/bin/env >&2\nexit 1\n")
    program.chmod(0o755)
    monkeypatch.setattr(users, "ROOTS_SUBSTITUTE", "no-such-user")
    monkeypatch.setattr(users, "_ATTEMPTS", 1)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2")
    with pytest.raises(Unusable, match=f"PATH={tmp_path}") as told:
        server_user.__wrapped__()
    assert "AWS_SECRET_ACCESS_KEY" not in str(told.value)
