"""The audit page: what it says of an export, what it withholds, and that it is one closed file."""

import base64
import hashlib
import re
from collections import Counter
from html.parser import HTMLParser

import numpy as np
import pytest

from clinpred.codes import explain
from clinpred.records.cohort import assemble
from clinpred.records.findings import Finding
from clinpred.records.read import read_export
from clinpred.report.audit_contents import audit_contents
from clinpred.report.audit_groups import A_TABLE
from clinpred.report.audit_page import render_audit
from clinpred.settings.study import study_from

HOSTILE = "<img src=x onerror=document.title='owned'>"
VOID = {"meta", "br", "img", "input", "link", "hr", "wbr", "path", "rect", "circle"}
STUDY = {
    "name": "ward",
    "outcome": {"column": "died", "event": "1"},
    "roles": {"patient": "mrn", "site": "ward"},
    "set_aside": {"bed": "given out in order of admission"},
    "predictors": {"nyha": {"type": "ordered", "levels": ["i", "ii", "iii", "iv"]}, "age": {"unit": "years"}},
}


class Page(HTMLParser):
    """The elements of a page in order, and those that do not nest."""

    def __init__(self, page):
        super().__init__()
        self.elements, self.open, self.unclosed, self.text = [], [], [], []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        if tag not in VOID and (not self.open or self.open.pop() != tag):
            self.unclosed.append(tag)

    def handle_data(self, data):
        self.text.append(data)

    @property
    def words(self):
        return " ".join(" ".join(self.text).split())


def _ward(rows=200, events=60):
    rng = np.random.default_rng(7)
    died = np.random.default_rng(8).permutation(rows) < events
    return {
        "mrn": [f"k{row:05d}" for row in range(rows)],
        "ward": rng.choice(["north", "south"], rows),
        "bed": np.arange(rows) + 1,
        "age": rng.integers(20, 90, rows),
        "sex": rng.choice(["female", "male"], rows),
        "blood": rng.choice(["a", "b", "ab", "zero"], rows),
        "nyha": rng.choice(["i", "ii", "iii", "iv"], rows),
        "sodium": [str(value) if row >= 3 else "" for row, value in enumerate(rng.integers(130, 150, rows))],
        "lactate": [f"{value:.2f}" if row >= 50 else "" for row, value in enumerate(rng.lognormal(size=rows))],
        "troponin": [str(row + 10) if row < 6 else "" for row in range(rows)],
        "protocol": ["one"] * rows,
        "died": died.astype(int),
    }


def _audited(folder, columns, settings=None, extra=()):
    path = folder / "export.csv"
    lines = [",".join(columns), *(",".join(map(str, row)) for row in zip(*columns.values(), strict=True))]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    export = read_export(path)
    if settings is None:
        return audit_contents(export, [*export.findings, *extra], version="1.2.3")
    study = study_from(settings, source="test")
    cohort, findings = assemble(export, study)
    return audit_contents(export, [*findings, *extra], version="1.2.3", cohort=cohort, study=study)


@pytest.fixture
def ward(tmp_path):
    return _audited(tmp_path, _ward(), STUDY)


def _column(contents, name):
    return next(column for column in contents.columns if column.name == name)


def test_every_column_has_the_role_that_the_study_gives_it(ward):
    roles = {column.name: column.role for column in ward.columns}
    predictors = dict.fromkeys(("age", "sex", "blood", "nyha", "sodium", "lactate", "troponin"), "predictor")
    others = {"mrn": "patient id", "ward": "site", "bed": "set aside", "protocol": "left out", "died": "outcome"}
    assert roles == predictors | others
    assert _column(ward, "bed").why == "given out in order of admission"
    assert _column(ward, "protocol").why == explain("W-CONSTANT").title.lower()
    assert _column(ward, "nyha").type == "ordered"
    assert _column(ward, "age").unit == "years"


def test_a_role_is_not_settled_where_no_outcome_is_named(tmp_path):
    contents = _audited(tmp_path, _ward())
    assert {column.role for column in contents.columns} == {"not settled"}
    assert (contents.outcome, contents.rows, contents.size) == (None, None, None)
    assert "No outcome was named" in Page(render_audit(contents)).words


def test_a_count_of_missing_values_is_withheld_where_1_to_7_rows_lack_or_have_the_value(ward):
    found = {column.name: (column.missing, column.few) for column in ward.columns}
    assert found["age"] == (0, None)
    assert found["sodium"] == (None, "missing")
    assert found["troponin"] == (None, "present")
    assert found["lactate"] == (50, None)
    assert _column(ward, "sodium").missing_share is None
    assert _column(ward, "lactate").missing_share == 0.25


def test_a_withheld_count_is_nowhere_on_the_page_as_a_number(ward):
    page = render_audit(ward)
    assert re.search(r"sodium</code></th><td>number</td>.*?<td class=\"number whole\">1 to 7</td>", page)
    assert re.search(r"troponin</code></th><td>number</td>.*?<td class=\"number whole\">all but 1 to 7</td>", page)


def test_the_size_counts_patients_events_and_coefficients(ward):
    size = ward.size
    assert (size.patients, size.events, size.non_events) == (200, 60, 140)
    assert size.predictors == 7
    # five numbers or ordered categories, sex with two levels and blood with four
    assert size.coefficients == 5 + 1 + 3
    assert size.rarer == "events"
    assert size.per_coefficient == 60 / 9


def test_the_rarer_class_may_be_those_without_the_event(tmp_path):
    size = _audited(tmp_path, _ward(events=150), STUDY).size
    assert size.rarer == "non-events"
    assert size.per_coefficient == 50 / 9


def test_few_events_per_coefficient_are_told_on_the_first_screen(tmp_path, ward):
    page = Page(render_audit(ward)).words
    assert "Events: 6.7 per coefficient, and fewer than 10 is few; " in page
    assert "an unpenalised model of all 7 predictors is likely to overfit." in page
    assert ward.usable == "with care"
    enough = _audited(tmp_path, _ward(rows=400, events=200), STUDY)
    assert "overfit" not in Page(render_audit(enough)).words


def test_excluded_rows_are_told_with_their_reason(tmp_path):
    columns = _ward()
    columns["died"] = ["" if row < 9 else value for row, value in enumerate(columns["died"])]
    page = Page(render_audit(_audited(tmp_path, columns, STUDY))).words
    assert "191 rows are used and 9 excluded (outcome missing)." in page


def test_few_events_are_withheld_with_all_that_they_follow_from(tmp_path):
    contents = _audited(tmp_path, _ward(events=5), STUDY)
    assert (contents.size.events, contents.size.non_events, contents.size.per_coefficient) == (None, None, None)
    page = Page(render_audit(contents)).words
    assert "With the event 1 to 7" in page
    assert "Fewer than 8 events: next to nothing can be learnt from so few." in page


def test_the_rows_of_the_export_are_accounted_for(tmp_path):
    columns = _ward()
    columns["died"] = ["" if row < 9 else value for row, value in enumerate(columns["died"])]
    rows = _audited(tmp_path, columns, STUDY).rows
    assert rows.rows_in_export == 200 == rows.rows + sum(part.rows for part in rows.excluded)
    assert rows.rows == 191


@pytest.mark.parametrize(
    ("levels", "usable", "said"),
    [
        ([], "yes", "Yes as far as an audit can see"),
        (["note"], "yes", "Yes as far as an audit can see"),
        (["note", "caution"], "with care", "With care look at what was noticed first"),
        (["caution", "serious"], "not yet", "Not yet something must be decided first"),
    ],
)
def test_the_answer_is_that_of_the_gravest_finding(tmp_path, levels, usable, said):
    columns = {name: values for name, values in _ward().items() if name in {"mrn", "age", "died"}}
    settings = {"outcome": STUDY["outcome"], "roles": {"patient": "mrn"}}
    extra = [Finding("W-SENTINEL", level, "found", "advised") for level in levels]
    contents = _audited(tmp_path, columns, settings, extra)
    assert contents.usable == usable
    assert said in Page(render_audit(contents)).words


def test_a_refused_cohort_is_told_as_what_must_be_decided(tmp_path):
    path = tmp_path / "export.csv"
    path.write_text("mrn,age,died\n" + "".join(f"{row // 2},{row},{row % 2}\n" for row in range(40)), encoding="utf-8")
    export = read_export(path)
    refusal = Finding("S-GROUP", "serious", "column `mrn` repeats", "declare it with --patient-id mrn")
    study = study_from({"outcome": {"column": "died"}}, source="test")
    page = Page(render_audit(audit_contents(export, [refusal, *export.findings], version="1.2.3", study=study))).words
    assert "To be decided before a run: patients that repeat, undeclared." in page
    assert "declare it with --patient-id mrn" in page
    assert "The cohort was refused" in page


def test_findings_of_one_code_are_told_together(tmp_path):
    extra = [
        Finding("W-SENTINEL", "caution", f"column `c{at}`: found", f"--missing c{at}=999", 1, f"c{at}")
        for at in range(9)
    ]
    page = Page(render_audit(_audited(tmp_path, _ward(), STUDY, extra))).words
    assert "A number that may stand for missing: c0 , c1 , c2 and 6 more columns" in page
    assert page.count(explain("W-SENTINEL").why) == 1
    assert "9 findings" in page
    assert "--missing c8=999" in page


def test_no_cell_of_the_export_is_on_the_page(tmp_path):
    rng = np.random.default_rng(3)
    columns = {
        "mrn": [f"zq{row:04d}xk" for row in range(300)],
        "surname_code": [f"zqw{row % 7}vk" for row in range(300)],
        "reading": rng.permutation(np.arange(300)) + 48611.25,
        "seen": [f"19{50 + row % 49}-03-{row % 28 + 1:02d}" for row in range(300)],
        "remark": [f"zqtext {row} with many words that nobody else has written so far" for row in range(300)],
        "died": [row % 2 for row in range(300)],
    }
    settings = {"outcome": {"column": "died"}, "roles": {"patient": "mrn"}}
    for contents in (_audited(tmp_path, columns), _audited(tmp_path, columns, settings)):
        page = render_audit(contents)
        assert not re.search(r"zq\d|zqw|zqtext|48[6-9]\d\d\.25|19\d\d-03", page)


def test_markup_in_names_is_text(tmp_path):
    columns = {f"{HOSTILE}{name}" if name == "age" else name: values for name, values in _ward().items()}
    settings = STUDY | {"predictors": {}, "set_aside": {"bed": HOSTILE}}
    page = Page(render_audit(_audited(tmp_path, columns, settings)))
    assert "img" not in {tag for tag, _ in page.elements}
    assert page.words.count(HOSTILE) >= 2


def test_the_page_is_closed(ward):
    page = render_audit(ward)
    style = re.search(r"<style>(.*?)</style>", page, flags=re.DOTALL)[1]
    policy = re.search(r'Content-Security-Policy" content="([^"]+)"', page)[1]
    hashed = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert policy.startswith("default-src 'none'; ")
    assert f"style-src 'sha256-{hashed}'" in policy
    assert not re.search(r"<script|https?://|url\(|\son[a-z]+=|\sstyle=", page)


def test_the_page_is_well_formed_and_can_be_read_aloud(ward):
    page = Page(render_audit(ward))
    assert page.unclosed == page.open == []
    tags = Counter(tag for tag, _ in page.elements)
    assert tags["h1"] == 1
    assert tags["table"] == tags["caption"] > 0
    assert all("scope" in attributes for tag, attributes in page.elements if tag == "th")
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(set(ids)) == len(ids)
    links = [attributes["href"] for tag, attributes in page.elements if tag == "a"]
    assert {link.removeprefix("#") for link in links} <= set(ids)
    labels = {attributes["aria-labelledby"] for _, attributes in page.elements if "aria-labelledby" in attributes}
    assert labels <= set(ids)


def test_the_same_export_gives_the_same_bytes(tmp_path, ward):
    assert render_audit(_audited(tmp_path, _ward(), STUDY)) == render_audit(ward)


def test_an_export_of_3000_columns_stays_small_and_folded(tmp_path):
    rng = np.random.default_rng(1)
    columns = {f"gene_{at:04d}": rng.integers(0, 9, 30) for at in range(3000)}
    contents = _audited(tmp_path, columns)
    page = render_audit(contents)
    assert len(page.encode()) < 1_000_000
    assert all(f"<code>{name}</code>" in page for name in columns)
    parsed = Page(page)
    folded = [attributes for tag, attributes in parsed.elements if tag == "details"]
    assert len(folded) > 3000 / A_TABLE
    assert not any("open" in attributes for attributes in folded)
    assert f"1 to {A_TABLE}" in parsed.words


def test_columns_most_often_missing_come_first_where_there_are_many(tmp_path):
    columns = {f"c{at}": [row if row > at else "" for row in range(300)] for at in range(80)}
    page = Page(render_audit(_audited(tmp_path, columns))).words
    most = page.index("Most often missing, of all columns: 20")
    assert page.index("c79", most) < page.index("c78", most) < page.index("Columns whose role is not settled", most)


def test_how_the_text_was_read_is_told(tmp_path):
    path = tmp_path / "export.csv"
    rows = "".join(f"{at};{at},5;{at % 2}\n" for at in range(40))
    path.write_bytes(f"id;größe;died\n{rows}".encode("cp1252"))
    export = read_export(path)
    contents = audit_contents(export, export.findings, version="1.2.3")
    assert (contents.source.encoding, contents.source.delimiter) == ("cp1252", ";")
    page = Page(render_audit(contents)).words
    assert "cp1252 text, semicolon between cells" in page
    assert "decimal mark: comma größe" in page
