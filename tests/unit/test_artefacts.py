"""What a run leaves stands there whole, in a place that was free, or not at all."""

import errno
import os
import stat
from pathlib import Path

import pytest

from clinpred.errors import ResourceRefused, WrongUsage
from clinpred.study import artefacts
from clinpred.study.artefacts import (
    check_all_free,
    check_free,
    check_place,
    whole_or_absent,
    write_files,
    write_whole,
)

NAMES = ["a run", 'it\'s "quoted"', "two\nlines", "läb 😷", "-dash", "semi;colon", "$HOME", "~", "%s{}", "ü" * 100]


def _leave_a_run(place, *, overwrite=False, word="new"):
    with whole_or_absent(place, overwrite=overwrite) as folder:
        write_files(folder, {"run.json": "{}", "report.html": word, "tables/a.csv": "a\n"})


def _left(folder):
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def _mode(path):
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def usual_umask():
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def refusal():
    def refusal_of(function, *arguments, **options):
        with pytest.raises(ResourceRefused) as refused:
            function(*arguments, **options)
        return refused.value

    return refusal_of


def test_a_free_place_gets_the_whole_folder_and_nothing_beside_it(tmp_path):
    _leave_a_run(tmp_path / "out")
    assert _left(tmp_path) == ["out", "out/report.html", "out/run.json", "out/tables", "out/tables/a.csv"]


def test_an_empty_folder_is_a_free_place(tmp_path):
    (tmp_path / "out").mkdir()
    _leave_a_run(tmp_path / "out")
    assert (tmp_path / "out" / "report.html").read_text() == "new"


def test_folders_above_are_made(tmp_path):
    _leave_a_run(tmp_path / "a" / "b" / "out")
    assert (tmp_path / "a" / "b" / "out" / "run.json").exists()


def test_folders_above_that_were_made_are_gone_after_a_failure(tmp_path):
    def fail():
        with whole_or_absent(tmp_path / "a" / "b" / "out", overwrite=False) as folder:
            write_files(folder, {"tables/a.csv": "half"})
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fail()
    assert _left(tmp_path) == []


def test_a_failure_keeps_folders_above_that_were_there(tmp_path):
    (tmp_path / "a").mkdir()

    def fail():
        with whole_or_absent(tmp_path / "a" / "b" / "out", overwrite=False):
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        fail()
    assert _left(tmp_path) == ["a"]


@pytest.mark.parametrize("name", NAMES)
def test_any_name_is_a_name(tmp_path, name):
    _leave_a_run(tmp_path / name)
    _leave_a_run(tmp_path / name, overwrite=True, word="newer")
    assert [path.name for path in tmp_path.iterdir()] == [name]
    write_whole(tmp_path / name / "report.html", "again", overwrite=True)
    assert (tmp_path / name / "report.html").read_text() == "again"


def test_a_name_that_is_too_long_is_refused_before_any_work(tmp_path, refusal):
    refused = refusal(check_place, tmp_path / ("x" * 300), overwrite=False)
    assert refused.code == "R-PATH"
    assert refusal(write_whole, tmp_path / ("x" * 300), "text", overwrite=False).code == "R-PATH"
    assert _left(tmp_path) == []


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_file_in_the_place_of_the_folder_is_kept(tmp_path, refusal, overwrite):
    (tmp_path / "out").write_text("mine")
    refused = refusal(check_place, tmp_path / "out", overwrite=overwrite)
    assert refused.found == "the file `out` exists already"
    assert (tmp_path / "out").read_text() == "mine"


@pytest.mark.parametrize("below", ["out", "deep/out"])
def test_a_file_in_the_way_is_kept(tmp_path, refusal, below):
    (tmp_path / "file").write_text("mine")
    refused = refusal(check_place, tmp_path / "file" / below, overwrite=False)
    assert refused.found == "cannot write into `file`"
    assert refusal(_leave_a_run, tmp_path / "file" / below).code == "R-PATH"
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("files", [["notes.txt"], ["run.json", "notes.txt"], ["report.html"], [".hidden"]])
def test_a_folder_that_holds_anything_else_than_a_run_is_never_replaced(tmp_path, refusal, files, overwrite):
    out = tmp_path / "out"
    out.mkdir()
    for name in files:
        (out / name).write_text("mine")
    assert refusal(_leave_a_run, out, overwrite=overwrite).code == "R-PATH"
    assert _left(out) == sorted(files)


def test_an_earlier_run_is_replaced_only_on_request(tmp_path, refusal):
    _leave_a_run(tmp_path / "out", word="old")
    assert "--overwrite" in refusal(_leave_a_run, tmp_path / "out").to_fix
    assert (tmp_path / "out" / "report.html").read_text() == "old"
    _leave_a_run(tmp_path / "out", overwrite=True)
    assert (tmp_path / "out" / "report.html").read_text() == "new"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_nothing_of_an_earlier_run_is_left_in_a_new_one(tmp_path):
    with whole_or_absent(tmp_path / "out", overwrite=False) as folder:
        write_files(folder, {"run.json": "{}", "private/a.csv": "a"})
    _leave_a_run(tmp_path / "out", overwrite=True)
    assert not (tmp_path / "out" / "private").exists()


def test_an_earlier_run_is_put_back_where_the_new_one_cannot_take_its_place(tmp_path, refusal, monkeypatch):
    _leave_a_run(tmp_path / "out", word="old")
    rename = Path.rename

    def fail_for_the_new_run(self, target):
        if self.name.startswith(".clinpred-"):
            raise OSError(errno.EIO, "Input/output error")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", fail_for_the_new_run)
    assert refusal(_leave_a_run, tmp_path / "out", overwrite=True).code == "R-PATH"
    assert (tmp_path / "out" / "report.html").read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_folder_that_may_not_be_written_to_is_refused_before_any_work(tmp_path, refusal, monkeypatch):
    # root may write anywhere: the system's answer is put in its place
    monkeypatch.setattr(artefacts.os, "access", lambda _path, _mode: False)
    refused = refusal(check_place, tmp_path / "out", overwrite=False)
    assert (refused.code, refused.found) == ("R-PATH", f"cannot write into `{tmp_path.name}`")


@pytest.mark.parametrize(
    ("number", "code"), [(errno.ENOSPC, "R-DISK"), (errno.EDQUOT, "R-DISK"), (errno.EROFS, "R-PATH")]
)
def test_what_the_system_refuses_is_said_in_house_words_and_leaves_nothing(
    tmp_path, refusal, monkeypatch, number, code
):
    def refuse(_self, _content):
        raise OSError(number, os.strerror(number), str(tmp_path))

    monkeypatch.setattr(Path, "write_bytes", refuse)
    refused = refusal(_leave_a_run, tmp_path / "new" / "out")
    assert refused.code == code
    assert os.strerror(number) in refused.found
    assert str(tmp_path) not in str(refused)
    assert _left(tmp_path) == []


@pytest.mark.parametrize("place", [".", "..", "../inner", "sub/.."])
def test_the_current_folder_is_not_pulled_away_from_under_the_user(tmp_path, refusal, monkeypatch, place):
    inner = tmp_path / "inner"
    inner.mkdir()
    monkeypatch.chdir(inner)
    refused = refusal(_leave_a_run, Path(place))
    assert "is the one you are in, or above it" in refused.found
    assert "``" not in refused.found
    assert Path.cwd() == inner
    assert _left(tmp_path) == ["inner"]


def test_a_run_above_the_current_folder_is_not_replaced(tmp_path, refusal, monkeypatch):
    _leave_a_run(tmp_path / "out", word="old")
    monkeypatch.chdir(tmp_path / "out" / "tables")
    assert refusal(_leave_a_run, Path(".."), overwrite=True).code == "R-PATH"
    assert (tmp_path / "out" / "report.html").read_text() == "old"


def test_a_place_may_be_given_from_the_current_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    _leave_a_run(Path("reports/out"))
    assert (tmp_path / "reports" / "out" / "report.html").exists()


def test_a_link_to_a_folder_is_followed_and_stays_a_link(tmp_path):
    (tmp_path / "disk").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "disk")
    _leave_a_run(tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "disk" / "report.html").read_text() == "new"


def test_the_folder_and_its_files_have_the_modes_that_the_umask_leaves(tmp_path, usual_umask):
    _leave_a_run(tmp_path / "out")
    modes = {name: _mode(tmp_path / name) for name in ("out", "out/tables", "out/report.html", "out/tables/a.csv")}
    assert modes == {"out": 0o755, "out/tables": 0o755, "out/report.html": 0o644, "out/tables/a.csv": 0o644}


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_what_is_private_is_for_the_owners_eyes(tmp_path, umask, usual_umask):
    os.umask(umask)
    with whole_or_absent(tmp_path / "out", overwrite=False) as folder:
        assert _mode(folder) == 0o700
        write_files(folder, {"private/NOT_FOR_RELEASE_predictions.csv": "a", "private_notes.txt": "b"})
    assert _mode(tmp_path / "out" / "private") == 0o700
    assert _mode(tmp_path / "out" / "private" / "NOT_FOR_RELEASE_predictions.csv") == 0o600
    assert _mode(tmp_path / "out" / "private_notes.txt") == 0o666 & ~umask


def test_text_is_written_as_utf8_without_any_change_of_its_lines(tmp_path):
    write_files(tmp_path, {"a.csv": "ä\n\r\n", "b.bin": b"\x00\xff"})
    assert (tmp_path / "a.csv").read_bytes() == "ä\n\r\n".encode()
    assert (tmp_path / "b.bin").read_bytes() == b"\x00\xff"


def test_one_file_is_written_whole(tmp_path):
    write_whole(tmp_path / "risks.csv", "a,b\n", overwrite=False)
    assert (tmp_path / "risks.csv").read_text() == "a,b\n"
    assert [path.name for path in tmp_path.iterdir()] == ["risks.csv"]


def test_one_file_is_replaced_only_on_request(tmp_path, refusal):
    (tmp_path / "risks.csv").write_text("mine")
    assert refusal(write_whole, tmp_path / "risks.csv", "new", overwrite=False).code == "R-PATH"
    assert (tmp_path / "risks.csv").read_text() == "mine"
    write_whole(tmp_path / "risks.csv", "new", overwrite=True)
    assert (tmp_path / "risks.csv").read_text() == "new"


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_folder_in_the_place_of_the_file_is_kept(tmp_path, refusal, overwrite):
    (tmp_path / "risks.csv").mkdir()
    refused = refusal(write_whole, tmp_path / "risks.csv", "new", overwrite=overwrite)
    assert refused.found == "the folder `risks.csv` exists already"


def test_a_folder_that_does_not_exist_is_not_made_for_one_file(tmp_path, refusal):
    refused = refusal(write_whole, tmp_path / "none" / "risks.csv", "new", overwrite=False)
    assert refused.found == "risks.csv: its folder does not exist"
    assert _left(tmp_path) == []


def test_a_failure_keeps_the_file_that_was_there(tmp_path, refusal, monkeypatch):
    (tmp_path / "risks.csv").write_text("mine")

    def full(_self, _target):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    assert refusal(write_whole, tmp_path / "risks.csv", "new", overwrite=True).code == "R-DISK"
    assert (tmp_path / "risks.csv").read_text() == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["risks.csv"]


def test_a_new_file_is_for_the_owners_eyes_and_a_replaced_one_keeps_its_mode(tmp_path, usual_umask):
    write_whole(tmp_path / "risks.csv", "new", overwrite=False)
    assert _mode(tmp_path / "risks.csv") == 0o600
    (tmp_path / "report.html").write_text("old")
    write_whole(tmp_path / "report.html", "new", overwrite=True)
    assert _mode(tmp_path / "report.html") == 0o644


def test_a_link_to_a_file_stays_a_link(tmp_path):
    (tmp_path / "real.csv").write_text("old")
    (tmp_path / "link.csv").symlink_to(tmp_path / "real.csv")
    write_whole(tmp_path / "link.csv", "new", overwrite=True)
    assert (tmp_path / "link.csv").is_symlink()
    assert (tmp_path / "real.csv").read_text() == "new"


@pytest.fixture
def wrong():
    def code_of(function, *arguments, **options):
        with pytest.raises(WrongUsage) as refused:
            function(*arguments, **options)
        assert refused.value.exit_code == 2
        return refused.value.code

    return code_of


@pytest.mark.parametrize("overwrite", [False, True])
@pytest.mark.parametrize("name", ["export.csv", "link.csv", "hard.csv", "sub/../export.csv", "sub/link.csv"])
def test_an_input_is_never_a_place_for_a_result(tmp_path, wrong, name, overwrite):
    export = tmp_path / "export.csv"
    export.write_text("mine")
    (tmp_path / "sub").mkdir()
    (tmp_path / "link.csv").symlink_to("export.csv")
    (tmp_path / "sub" / "link.csv").symlink_to("../export.csv")
    (tmp_path / "hard.csv").hardlink_to(export)
    for one in (export, tmp_path / "link.csv"):
        code = wrong(check_free, tmp_path / name, overwrite=overwrite, inputs=[tmp_path / "other.csv", one])
        assert code == "E-OUTPUT-IS-INPUT"
    check_free(tmp_path / "new.csv", overwrite=overwrite, inputs=[export])


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_device_a_pipe_and_an_endless_link_are_no_places_for_a_file(tmp_path, wrong, overwrite):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "loop").symlink_to("loop")
    (tmp_path / "device").symlink_to("/dev/full")
    for path in (tmp_path / "pipe", tmp_path / "loop", tmp_path / "device", Path("/dev/full")):
        assert wrong(write_whole, path, "new", overwrite=overwrite) == "E-NOT-FILE"
    assert wrong(check_place, tmp_path / "loop", overwrite=overwrite) == "E-NOT-FILE"
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)


def test_two_results_need_two_places_whether_they_exist_or_not(tmp_path, wrong):
    (tmp_path / "link.html").symlink_to("new.out")
    (tmp_path / "sub").mkdir()
    same = [tmp_path / "new.out", tmp_path / "sub" / ".." / "new.out"], [tmp_path / "new.out", tmp_path / "link.html"]
    for paths in same:
        assert wrong(check_all_free, paths, overwrite=True) == "E-OUTPUT-TWICE"
    check_all_free([tmp_path / "new.out", tmp_path / "other.out"], overwrite=False)
    (tmp_path / "new.out").write_text("old")
    for paths in same:
        assert wrong(check_all_free, paths, overwrite=True) == "E-OUTPUT-TWICE"


@pytest.mark.parametrize("name", ["export.csv", "tables/export.csv", "private/risks.csv", "tables/study.toml"])
def test_a_folder_that_holds_an_input_is_no_place_for_a_run(tmp_path, wrong, name):
    _leave_a_run(tmp_path / "out")
    path = tmp_path / "out" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("mine")
    assert wrong(check_place, tmp_path / "out", overwrite=True, inputs=[path]) == "E-OUTPUT-IS-INPUT"
    assert path.read_text() == "mine"


def test_the_study_file_that_a_run_left_may_be_read_where_the_run_is_replaced(tmp_path):
    _leave_a_run(tmp_path / "out")
    (tmp_path / "out" / "study.toml").write_text("seed = 1")
    check_place(tmp_path / "out", overwrite=True, inputs=[tmp_path / "out" / "study.toml", tmp_path / "export.csv"])
