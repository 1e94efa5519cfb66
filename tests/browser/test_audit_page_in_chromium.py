"""The audit page as a browser shows it: nothing runs, nothing overflows, and it prints."""

import html as markup
import re
import shutil
import subprocess

import numpy as np
import pytest

from clinpred.records.cohort import assemble
from clinpred.records.findings import Finding
from clinpred.records.read import read_export
from clinpred.report.audit_contents import audit_contents
from clinpred.report.audit_page import render_audit
from clinpred.settings.study import study_from

CHROMIUM = shutil.which("chromium")
HOSTILE = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
LONG_NAME = "the_concentration_of_something_that_was_measured_at_admission_to_the_ward_or_later"
TITLE = "<title>export.csv: can this export be used?</title>"

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine; .ci/run installs it")


@pytest.fixture(scope="module")
def audit(tmp_path_factory):
    path = tmp_path_factory.mktemp("audit") / "export.csv"
    rng = np.random.default_rng(5)
    rows = [f"{row};{rng.integers(20, 90)};{rng.normal():.3f};{rng.normal():.3f};{row % 2}" for row in range(90)]
    path.write_text("\n".join([f"mrn;age;{HOSTILE.replace(';', '')};{LONG_NAME};died", *rows]), encoding="utf-8")
    export = read_export(path)
    study = study_from({"outcome": {"column": "died"}, "roles": {"patient": "mrn"}}, source="test")
    cohort, findings = assemble(export, study)
    told = [Finding("W-SENTINEL", "caution", HOSTILE, HOSTILE, column=f"{LONG_NAME}_{at}") for at in range(12)]
    return render_audit(audit_contents(export, [*findings, *told], version="1.2.3", cohort=cohort, study=study))


def _chromium(folder, page, *options):
    path = folder / "page.html"
    path.write_text(page, encoding="utf-8")
    command = [
        CHROMIUM,
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        f"--user-data-dir={folder / 'profile'}",
        *options,
        path.as_uri(),
    ]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout


def test_markup_in_names_and_findings_is_shown_as_text(audit, tmp_path):
    shown = _chromium(tmp_path, audit, "--dump-dom")
    assert TITLE in shown
    assert "<img" not in shown
    assert "<script" not in shown
    assert markup.escape(HOSTILE, quote=False) in shown


def test_a_script_that_got_in_would_not_run(audit, tmp_path):
    injected = audit.replace('<main id="main">', f'<main id="main">{HOSTILE}')
    assert TITLE in _chromium(tmp_path, injected, "--dump-dom")


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_the_page_does_not_scroll_sideways(audit, tmp_path, width):
    opened = audit.replace("<details", "<details open")
    frame = (
        f'<!DOCTYPE html><iframe width="{width}" frameborder="0" srcdoc="{markup.escape(opened)}"></iframe>'
        "<script>onload = () => setTimeout(() => {"
        "const page = document.querySelector('iframe').contentDocument.documentElement;"
        "document.body.dataset.widths = `${page.scrollWidth} ${page.clientWidth}` }, 500)</script>"
    )
    # a busy machine may not have laid the page out when it has loaded: measure half a second of the page's time later
    shown = _chromium(tmp_path, frame, "--dump-dom", "--virtual-time-budget=5000")
    scrolled, visible = re.search(r'data-widths="(\d+) (\d+)"', shown).groups()
    assert int(scrolled) <= int(visible) <= width


def test_the_style_is_the_one_the_policy_admits(audit, tmp_path):
    frame = (
        f'<!DOCTYPE html><iframe srcdoc="{markup.escape(audit)}"></iframe>'
        "<script>onload = () => { const page = document.querySelector('iframe').contentDocument;"
        "document.body.dataset.border = getComputedStyle(page.querySelector('.verdict')).borderLeftWidth }</script>"
    )
    assert 'data-border="6px"' in _chromium(tmp_path, frame, "--dump-dom")


def test_it_prints_with_the_first_screen_on_a_page_of_its_own(audit, tmp_path):
    printed = tmp_path / "audit.pdf"
    first = audit.split('<main id="main">')[0] + "</body></html>"
    pages = []
    for page in (first, audit):
        _chromium(tmp_path, page, "--no-pdf-header-footer", f"--print-to-pdf={printed}")
        pages.append(len(re.findall(rb"/Type /Page\b", printed.read_bytes())))
    assert pages[0] == 1
    assert 3 <= pages[1] <= 6
