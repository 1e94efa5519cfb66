"""The report as a browser shows it: nothing runs, nothing overflows, and it prints."""

import html as markup
import re
import shutil
import subprocess

import pytest

from clinpred.report.contents import FindingItem
from clinpred.report.figures import draw_figures
from clinpred.report.render import render_report

CHROMIUM = shutil.which("chromium")
HOSTILE = "<img src=x onerror=\"document.title='owned'\"><script>document.title='owned'</script>"
PHONE_WIDTH = 390
MOST_PAGES = 20

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine; .ci/run installs it")


@pytest.fixture(scope="module")
def hostile_report(example_results):
    first, *others = example_results.predictors
    finding = FindingItem(code="W-MARKUP", level="serious", text=HOSTILE, advice=HOSTILE, column=HOSTILE)
    results = example_results.model_copy(
        update={
            "predictors": [first.model_copy(update={"name": HOSTILE}), *others],
            "findings": [finding, *example_results.findings],
        }
    )
    return render_report(results, draw_figures(results))


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
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120)
    return done.stdout


def test_markup_in_a_column_name_is_shown_as_text(hostile_report, tmp_path):
    shown = _chromium(tmp_path, hostile_report, "--dump-dom")
    assert "<title>example: does this model hold on new patients?</title>" in shown
    assert "<img" not in shown
    assert "<script" not in shown
    assert markup.escape(HOSTILE, quote=False) in shown


def test_a_script_that_got_in_would_not_run(hostile_report, tmp_path):
    injected = hostile_report.replace('<main id="main">', f'<main id="main">{HOSTILE}')
    shown = _chromium(tmp_path, injected, "--dump-dom")
    assert "owned</title>" not in shown
    assert "<title>example: does this model hold on new patients?</title>" in shown


def test_the_same_script_runs_where_the_policy_is_taken_away(hostile_report, tmp_path):
    injected = hostile_report.replace('<main id="main">', f'<main id="main">{HOSTILE}')
    without = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", injected)
    assert "<title>owned</title>" in _chromium(tmp_path, without, "--dump-dom")


@pytest.mark.parametrize("width", [320, PHONE_WIDTH, 1280])
def test_the_page_does_not_scroll_sideways(hostile_report, tmp_path, width):
    opened = hostile_report.replace("<details", "<details open")
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


def test_the_style_is_the_one_the_policy_admits(hostile_report, tmp_path):
    frame = (
        f'<!DOCTYPE html><iframe srcdoc="{markup.escape(hostile_report)}"></iframe>'
        "<script>onload = () => { const page = document.querySelector('iframe').contentDocument;"
        "document.body.dataset.border = getComputedStyle(page.querySelector('.verdict')).borderLeftWidth }</script>"
    )
    assert 'data-border="6px"' in _chromium(tmp_path, frame, "--dump-dom")


def test_it_prints_whole_with_the_first_screen_on_a_page_of_its_own(hostile_report, tmp_path):
    printed = tmp_path / "report.pdf"
    _chromium(tmp_path, hostile_report, "--no-pdf-header-footer", f"--print-to-pdf={printed}")
    pages = len(re.findall(rb"/Type /Page\b", printed.read_bytes()))
    first = hostile_report.split('<main id="main">')[0] + "</body></html>"
    _chromium(tmp_path, first, "--no-pdf-header-footer", f"--print-to-pdf={printed}")
    assert len(re.findall(rb"/Type /Page\b", printed.read_bytes())) == 1
    assert 8 <= pages <= MOST_PAGES
