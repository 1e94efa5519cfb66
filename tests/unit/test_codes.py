"""The catalogue of codes: how it is asked, and how it is shown."""

import dataclasses

import pytest

from clinpred.codes import codes, explain, explained, listed
from clinpred.errors import WrongUsage

LONGEST_LINE = 88


def test_a_code_is_found_however_its_letters_are_written():
    assert explain("w-sentinel") == explain(" W-Sentinel ") == explain("W-SENTINEL")
    assert explain("w-sentinel").code == "W-SENTINEL"


def test_an_unknown_code_is_refused_with_the_nearest_ones():
    with pytest.raises(WrongUsage) as refused:
        explain("W-SENTINAL")
    assert refused.value.code == "E-CODE"
    assert refused.value.exit_code == 2
    assert "W-SENTINEL" in refused.value.found


def test_nothing_is_called_near_to_a_word_like_no_code():
    with pytest.raises(WrongUsage) as refused:
        explain("?")
    assert refused.value.found == "there is no code `?`"


def test_a_code_is_shown_with_its_meaning_its_reason_and_what_to_do():
    shown = explained("E-CENSORED")
    told = " ".join(shown.split())
    one = explain("E-CENSORED")
    assert shown.splitlines()[0] == "E-CENSORED: Values below or above a limit of measurement"
    assert "exit code 3" in shown
    assert one.means in told
    assert one.why in told
    assert one.to_do in told
    assert shown.endswith(f"  {one.example}")


def test_a_finding_says_that_the_command_goes_on():
    goes_on = "a finding: the command goes on; with --strict, one about the export stops it"
    assert explained("W-SENTINEL").splitlines()[1] == goes_on
    assert explained("S-SEPARATION").splitlines()[1] == "a finding: the command goes on"


def test_a_code_of_two_refusals_names_both_exit_codes():
    assert "exit code 2 or 3" in explained("E-ENCODING")


@pytest.mark.parametrize("one", codes(), ids=lambda one: one.code)
def test_every_code_fits_the_terminal_and_is_complete(one):
    assert all(len(line) <= LONGEST_LINE for line in explained(one.code).splitlines())
    assert all(text and text == text.strip() for text in dataclasses.astuple(one)[:5])
    assert not one.title.endswith(".")
    assert all(text.endswith(".") for text in (one.means, one.why, one.to_do))
    assert one.example is None or one.example.startswith("clinpred ")


def test_titles_are_different():
    titles = [one.title for one in codes()]
    assert len(set(titles)) == len(titles)


def test_the_list_names_every_code_once():
    named = [line.split()[0] for line in listed().splitlines() if line.startswith("  ")]
    assert named == [one.code for one in codes()]
    assert all(len(line) <= LONGEST_LINE for line in listed().splitlines())
