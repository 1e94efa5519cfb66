"""A run that is stopped while its workers run: exit codes, a house-form message, no folder and no process left."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from clinpred.records.synthetic import synthetic_export

WORKER = "LokyProcess"
PATIENCE = 60


@pytest.fixture(scope="module")
def export(tmp_path_factory):
    path = tmp_path_factory.mktemp("export") / "visits.csv"
    synthetic_export(np.random.default_rng(2), patients=700).table.to_csv(path, index=False)
    return path


@pytest.fixture
def running(export, tmp_path):
    """Start a run that would take long, in a process group of its own, and hand it over once its workers are there."""
    # A suite that runs in the background ignores SIGINT, and so would the run.
    command = ["env", "--default-signal=INT", sys.executable, "-m", "clinpred"]
    command += ["run", export, "--outcome", "event", "--patient-id", "patient_id"]
    command += ["--set-aside", "site=where", "--models", "prevalence,logistic_ridge,logistic_lasso"]
    command += ["--bootstraps", "10000", "--out", tmp_path / "out" / "run"]
    run = subprocess.Popen(
        [str(word) for word in command],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env=os.environ | {"LOKY_MAX_CPU_COUNT": "2"},
    )
    until = time.monotonic() + PATIENCE
    while len(_workers(run.pid)) < 2 and run.poll() is None and time.monotonic() < until:
        time.sleep(0.1)
    time.sleep(1.0)
    yield run
    if _group(run.pid):
        os.killpg(run.pid, signal.SIGKILL)
    run.communicate()


def _group(leader):
    listed = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,pgid=,stat=,args="], capture_output=True, text=True, check=True
    )
    rows = [line.split(maxsplit=3) for line in listed.stdout.splitlines()]
    return {int(pid): args for pid, group, state, *args in rows if int(group) == leader and state[0] != "Z"}


def _workers(leader):
    return [pid for pid, args in _group(leader).items() if WORKER in " ".join(args)]


def _ended(run):
    """Return what a run said to stderr, once nothing of its process group is left."""
    said = run.communicate(timeout=PATIENCE)[1]
    until = time.monotonic() + 10
    while _group(run.pid) and time.monotonic() < until:
        time.sleep(0.1)
    assert _group(run.pid) == {}
    return said


@pytest.mark.slow
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["SIGINT", "SIGTERM"])
@pytest.mark.parametrize("to", [os.kill, os.killpg], ids=["to_the_run", "to_its_group"])
def test_a_run_that_is_stopped_leaves_no_folder_and_no_worker(running, tmp_path, sent, code, to):
    assert len(_workers(running.pid)) == 2
    to(running.pid, sent)
    assert _ended(running) == "stopped: nothing was written\n"
    assert running.returncode == code
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_worker_that_the_system_ends_ends_the_run_in_house_form(running, tmp_path):
    os.kill(_workers(running.pid)[0], signal.SIGKILL)
    said = _ended(running).splitlines()
    assert said[0] == "error: a process that developed models was ended from outside [R-WORKER]"
    assert [line.partition(":")[0] for line in said] == ["error", "expected", "to fix"]
    assert running.returncode == 7
    assert list(tmp_path.iterdir()) == []
