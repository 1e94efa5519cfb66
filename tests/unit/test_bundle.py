"""A model file gives back the model that was saved, or is refused: damage, tampering and strangeness included."""

import hashlib
import io
import json
import pickle
import zipfile
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import load as from_safetensors
from safetensors.numpy import save as to_safetensors

from clinpred.bundle.format import DESCRIPTION, MANIFEST, MEMBERS, WEIGHTS, ModelCard, Plausible, SavedModel
from clinpred.bundle.load import load_model
from clinpred.bundle.save import model_bytes
from clinpred.errors import InputRefused, ModelFileRefused, ResourceRefused
from clinpred.models.risk_model import Layer, LinearForm, NetworkForm, OpaqueForm, RiskModel
from clinpred.predictors.preparation import Preparation
from clinpred.records.types import PredictorType
from clinpred.settings.recipe import Recipe

KINDS = {
    "age": PredictorType("number", unit="years"),
    "lactate": PredictorType("number"),
    "ward": PredictorType("category"),
    "stage": PredictorType("ordered", ("I", "II", "III")),
}


def _patients(n=300):
    rng = np.random.default_rng(11)
    lactate = rng.gamma(2.0, 1.0, n)
    lactate[:40] = np.nan
    ward = rng.choice(["medical", "surgical", "ärztlich 😷", "rare"], p=[0.5, 0.3, 0.19, 0.01], size=n).astype(object)
    ward[40:60] = None
    stage = rng.choice(["I", "II", "III"], size=n).astype(object)
    stage[60:62] = None
    return pd.DataFrame(
        {"age": rng.normal(60, 12, n), "lactate": lactate, "ward": pd.Series(ward), "stage": pd.Series(stage)}
    )


def _strange_patients():
    """Return rows at and beyond what development patients showed, every combination once."""
    numbers = [np.nan, 0.0, -0.0, 60.0, -1e6, 1e9, 5e-324, 1e150]
    rows = [
        (age, lactate, ward, stage)
        for age in numbers
        for lactate in (np.nan, 2.0, -1e12)
        for ward in (None, "medical", "ärztlich 😷", "rare", "never seen", "")
        for stage in (None, "I", "III", "IV")
    ]
    columns = ("age", "lactate", "ward", "stage")
    frame = pd.DataFrame(rows, columns=columns)
    return frame.astype({"age": float, "lactate": float, "ward": object, "stage": object})


def _network(columns, rng):
    return tuple(
        Layer(rng.normal(size=(inputs, units)), rng.normal(size=units))
        for inputs, units in ((columns, 5), (5, 3), (3, 1))
    )


def _saved(kind="linear", name="logistic_ridge"):
    recipe = Recipe(knots={"age": 4}, imputation="chained" if kind == "chained" else "simple")
    preparation = Preparation.learn(_patients(), KINDS, np.arange(300), recipe=recipe)
    columns, rng = len(preparation.columns), np.random.default_rng(2)
    form = {
        "linear": lambda: LinearForm(-1.25, rng.normal(size=columns)),
        "chained": lambda: LinearForm(-1.25, rng.normal(size=columns)),
        "network": lambda: NetworkForm(tuple(_network(columns, rng) for _ in range(3))),
        "opaque": lambda: OpaqueForm(lambda design: design[:, 0]),
    }[kind]()
    card = ModelCard(
        title="Logistic, ridge (L2)",
        study="invented",
        outcome="died within 30 days (days)",
        event="1",
        patient_column="mrn",
        development_patients=300,
        development_events=90,
        seed=20,
        version="0.1.0",
        kinds=KINDS,
        coded=("stage",),
        ranges={"age": Plausible(0.0, 120.0, above="missing")},
    )
    return SavedModel(RiskModel(name, preparation, form), card)


def _small():
    """Return a model whose file is small: one predictor."""
    patients, kinds = _patients()[["age"]], {"age": KINDS["age"]}
    preparation = Preparation.learn(patients, kinds, np.arange(300))
    whole = _saved()
    card = replace(whole.card, kinds=kinds, coded=(), ranges={})
    return SavedModel(RiskModel("logistic_ridge", preparation, LinearForm(-1.0, np.array([0.5]))), card)


def _members(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def _zipped(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content)
    return buffer.getvalue()


def _rehashed(members, **manifest_changes):
    """Return a model file with changed members and hashes that agree: damage that only understanding can find."""
    manifest = json.loads(members[MANIFEST])
    manifest["sha256"] = {name: hashlib.sha256(members[name]).hexdigest() for name in (DESCRIPTION, WEIGHTS)}
    manifest |= manifest_changes
    return _zipped([(MANIFEST, json.dumps(manifest)), (DESCRIPTION, members[DESCRIPTION]), (WEIGHTS, members[WEIGHTS])])


@pytest.fixture
def load(tmp_path):
    def load_bytes(content):
        path = tmp_path / "model.clinpred"
        path.write_bytes(content)
        return load_model(path)

    return load_bytes


@pytest.fixture
def refusal(load):
    def refusal_of(content):
        with pytest.raises(ModelFileRefused) as refused:
            load(content)
        return refused.value

    return refusal_of


@pytest.mark.parametrize("kind", ["linear", "chained", "network"])
def test_a_loaded_model_gives_the_same_risks_on_strange_patients(kind, load):
    saved = _saved(kind)
    loaded = load(model_bytes(saved))
    for patients in (_patients(), _strange_patients()):
        risk = saved.model.risk(patients)
        assert np.all((risk >= 0) & (risk <= 1))
        np.testing.assert_allclose(loaded.model.risk(patients), risk, rtol=0, atol=1e-12)
    assert np.ptp(saved.model.risk(_patients())) > 0.3


@pytest.mark.parametrize("kind", ["linear", "chained", "network"])
def test_a_loaded_model_is_the_one_that_was_saved(kind, load):
    saved = _saved(kind)
    content = model_bytes(saved)
    loaded = load(content)
    assert loaded.card == saved.card
    assert loaded.model.preparation == saved.model.preparation
    assert loaded.model.name == saved.model.name
    assert model_bytes(loaded) == content


@pytest.mark.parametrize("kind", ["linear", "chained", "network"])
def test_the_same_model_gives_the_same_bytes(kind):
    assert model_bytes(_saved(kind)) == model_bytes(_saved(kind))


def test_a_model_known_only_by_its_function_is_not_saved():
    with pytest.raises(ModelFileRefused) as refused:
        model_bytes(_saved("opaque"))
    assert refused.value.code == "M-FORM"


def test_a_flipped_byte_is_refused_or_changes_nothing(load):
    content = model_bytes(_small())
    rng = np.random.default_rng(20)
    places = rng.choice(len(content), size=min(600, len(content)), replace=False)
    refused = 0
    for place in places:
        damaged = bytearray(content)
        damaged[place] ^= int(rng.integers(1, 256))
        try:
            loaded = load(bytes(damaged))
        except ModelFileRefused as refusal:
            assert refusal.code in {"M-INTEGRITY", "M-VERSION"}  # noqa: PT017  # either way is right, none other
            refused += 1
        else:
            assert model_bytes(loaded) == content
    assert refused > 0.8 * len(places)


def test_every_byte_of_the_members_counts(refusal):
    content = model_bytes(_small())
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        for member in archive.infolist():
            start = member.header_offset + 30 + len(member.filename)
            for place in range(start, start + member.file_size, 7):
                damaged = bytearray(content)
                damaged[place] ^= 4
                assert refusal(bytes(damaged)).code == "M-INTEGRITY"


def test_a_compressed_member_is_refused_before_it_is_unpacked(refusal):
    members = _members(model_bytes(_small()))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    assert refusal(buffer.getvalue()).code == "M-INTEGRITY"


def test_a_file_cut_anywhere_is_refused(refusal):
    content = model_bytes(_small())
    for length in {*range(0, len(content), 11), 1, 2, 3, 4, len(content) - 1, len(content) - 22}:
        assert refusal(content[:length]).code == "M-INTEGRITY"


@pytest.mark.parametrize("absent", MEMBERS)
def test_a_missing_member_is_refused(absent, refusal):
    members = _members(model_bytes(_saved()))
    assert refusal(_zipped([part for part in members.items() if part[0] != absent])).code == "M-INTEGRITY"


@pytest.mark.parametrize("name", MEMBERS)
def test_a_renamed_member_is_refused(name, refusal):
    members = _members(model_bytes(_saved()))
    for other in (f"../{name}", f"/{name}", name.upper(), f"{name} "):
        renamed = [(other if member == name else member, content) for member, content in members.items()]
        assert refusal(_zipped(renamed)).code == "M-INTEGRITY"


# zipfile warns while this test writes the very fault, a member twice, that loading must refuse
@pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
@pytest.mark.parametrize("name", [*MEMBERS, "notes.txt"])
def test_an_added_or_duplicated_member_is_refused(name, refusal):
    members = _members(model_bytes(_saved()))
    assert refusal(_zipped([*members.items(), (name, members.get(name, b"hello"))])).code == "M-INTEGRITY"


def test_members_in_another_order_are_refused(refusal):
    assert refusal(_zipped(reversed(_members(model_bytes(_saved())).items()))).code == "M-INTEGRITY"


def test_a_newer_format_is_refused_with_its_number(refusal):
    refused = refusal(_rehashed(_members(model_bytes(_saved())), format=5))
    assert refused.code == "M-VERSION"
    assert "format 5" in refused.found


@pytest.mark.parametrize("number", ["1", None, 1.5, [1]])
def test_a_format_that_is_no_whole_number_is_refused(number, refusal):
    assert refusal(_rehashed(_members(model_bytes(_saved())), format=number)).code == "M-INTEGRITY"


@pytest.mark.parametrize(
    "content", [b"", b"PK", b"died,age\n1,2\n", b"\x80\x04K\x01.", bytes(2000), b"PK\5\6" + bytes(18)]
)
def test_what_is_no_model_file_is_refused(content, refusal):
    assert refusal(content).code == "M-INTEGRITY"


@pytest.mark.parametrize(
    "manifest",
    [b"[]", b"{", b"7", b'"x"', b"\xff\xfe", b"[" * 100_000, b'{"format": 1, "format": 1}', b'{"format": NaN}'],
)
def test_a_manifest_that_is_none_is_refused(manifest, refusal):
    members = _members(model_bytes(_saved())) | {MANIFEST: manifest}
    assert refusal(_zipped(members.items())).code == "M-INTEGRITY"


def test_a_manifest_with_a_number_that_json_does_not_have_is_refused(refusal):
    members = _members(model_bytes(_saved()))
    assert refusal(_rehashed(members, note=float("nan"))).code == "M-INTEGRITY"
    assert refusal(_rehashed(members, note=float("-inf"))).code == "M-INTEGRITY"


def _described(change):
    members = _members(model_bytes(_saved()))
    text = members[DESCRIPTION].decode()
    changed = change(text)
    assert changed != text
    return _rehashed(members | {DESCRIPTION: changed.encode()})


def _edited(*path, value=None, drop=False):
    def edit(text):
        description = json.loads(text)
        part = description
        for key in path[:-1]:
            part = part[key]
        if drop:
            del part[path[-1]]
        else:
            part[path[-1]] = value
        return json.dumps(description)

    return edit


DESCRIPTIONS = {
    "a name twice": lambda text: text.replace('"form"', '"form": "linear", "form"', 1),
    "a name twice, deep inside": lambda text: text.replace('"seed"', '"seed": 1, "seed"', 1),
    "NaN for a mean": _edited("preparation", "mean", 0, value=float("nan")),
    "an infinite sd": _edited("preparation", "sd", 0, value=float("inf")),
    "a number too large": lambda text: text.replace('"sd": [', '"sd": [1e999, ', 1),
    "an sd of 0": _edited("preparation", "sd", 0, value=0.0),
    "an sd below 0": _edited("preparation", "sd", 0, value=-1.0),
    "a mean as text": _edited("preparation", "mean", 0, value="60.0"),
    "a median that is none": _edited("preparation", "rules", 0, "median", value=None),
    "one mean too few": _edited("preparation", "mean", 0, drop=True),
    "one source too few": _edited("preparation", "sources", 0, drop=True),
    "one column too few": _edited("preparation", "columns", 0, drop=True),
    "a column that no rule makes": _edited("preparation", "columns", 0, value="weight"),
    "two knots": _edited("preparation", "rules", 0, "knots", value=[1.0, 2.0]),
    "knots that fall": _edited("preparation", "rules", 0, "knots", value=[1.0, 3.0, 2.0]),
    "a knot that is no number": _edited("preparation", "rules", 0, "knots", value=[1.0, 2.0, "3"]),
    "a chain of nothing": _edited(
        "preparation", "chained", value={"columns": [], "mean": [], "sd": [], "equations": []}
    ),
    "a chain that is none": _edited("preparation", "chained", value=7),
    "a rule of no kind": _edited("preparation", "rules", 0, "kind", value="spline"),
    "a rule twice": lambda text: _edited("preparation", "rules", value=[*json.loads(text)["preparation"]["rules"]] * 2)(
        text
    ),
    "rules that are none": _edited("preparation", "rules", value=7),
    "a part unknown to the preparation": _edited("preparation", "extra", value=1),
    "no preparation": _edited("preparation", drop=True),
    "no card": _edited("card", drop=True),
    "a card that is a list": _edited("card", value=[]),
    "kinds that are a list": _edited("card", "kinds", value=[]),
    "a kind of none": _edited("card", "kinds", "age", "kind", value="date"),
    "another kind than the rule": _edited("card", "kinds", "age", "kind", value="category"),
    "a kind too few": _edited("card", "kinds", "age", drop=True),
    "a patient column that is no name": _edited("card", "patient_column", value=["mrn"]),
    "a range upside down": _edited("card", "ranges", "age", "lowest", value=200.0),
    "an infinite range": _edited("card", "ranges", "age", "highest", value=float("inf")),
    "a range of a category": _edited("card", "ranges", "ward", value={"lowest": 0.0, "highest": 1.0}),
    "a word that no study says": _edited("card", "ranges", "age", "below", value="clip"),
    "a form unknown": _edited("form", value="pickle"),
    "another form": _edited("form", value="network"),
    "a form that is no word": _edited("form", value={}),
    "a list": lambda _text: "[]",
    "nothing": lambda _text: "",
    "depth without end": lambda _text: "[" * 100_000,
    "a number of 5,000 digits": lambda text: text.replace('"seed": 20', '"seed": ' + "9" * 5000),
}


@pytest.mark.parametrize("what", DESCRIPTIONS)
def test_a_description_that_is_not_one_is_refused_although_its_hash_agrees(what, refusal):
    assert refusal(_described(DESCRIPTIONS[what])).code == "M-INTEGRITY"


def test_an_edit_that_changes_nothing_of_the_meaning_is_a_model(load):
    assert load(_described(lambda text: text + "\n")).card == _saved().card


def _weighed(kind, **tensors):
    members = _members(model_bytes(_saved(kind)))
    changed = {
        name: tensor for name, tensor in (from_safetensors(members[WEIGHTS]) | tensors).items() if tensor is not None
    }
    return _rehashed(members | {WEIGHTS: to_safetensors(changed)})


CHAINS = {
    "a mean too few": _edited("preparation", "chained", "mean", 0, drop=True),
    "an sd of 0": _edited("preparation", "chained", "sd", 0, value=0.0),
    "a coefficient that is none": _edited("preparation", "chained", "equations", 0, "coefficients", 0, 0, value=None),
    "a coefficient too few": _edited("preparation", "chained", "equations", 0, "coefficients", 0, 0, drop=True),
    "a step too few": _edited("preparation", "chained", "equations", 0, "coefficients", 0, drop=True),
    "an equation too few": _edited("preparation", "chained", "equations", 0, drop=True),
    "an equation of another": _edited("preparation", "chained", "equations", 0, "predictor", value="weight"),
    "an equation of no kind": _edited("preparation", "chained", "equations", 0, "kind", value="curve"),
    "columns in another order": _edited("preparation", "chained", "columns", 0, value="ward = surgical"),
}


@pytest.mark.parametrize("fault", CHAINS)
def test_chained_equations_that_do_not_fit_are_refused(fault, refusal):
    members = _members(model_bytes(_saved("chained")))
    members[DESCRIPTION] = CHAINS[fault](members[DESCRIPTION].decode()).encode()
    assert refusal(_rehashed(members)).code == "M-INTEGRITY"


COLUMNS = 9
LINEAR = {
    "one coefficient too few": {"coefficients": np.zeros(COLUMNS - 1)},
    "one coefficient too many": {"coefficients": np.zeros(COLUMNS + 1)},
    "one coefficient for all": {"coefficients": np.zeros(1)},
    "a coefficient matrix": {"coefficients": np.zeros((COLUMNS, 1))},
    "no coefficients": {"coefficients": None},
    "two intercepts": {"intercept": np.zeros(2)},
    "an empty intercept": {"intercept": np.zeros(0)},
    "an intercept that is NaN": {"intercept": np.array([np.nan])},
    "an infinite coefficient": {"coefficients": np.full(COLUMNS, np.inf)},
    "single precision": {"coefficients": np.zeros(COLUMNS, dtype=np.float32)},
    "whole numbers": {"coefficients": np.zeros(COLUMNS, dtype=np.int64)},
    "a tensor that belongs to nothing": {"more": np.zeros(1)},
}
FIRST, MIDDLE, LAST = (f"member.1.layer.{place}" for place in range(3))
NETWORK = {
    "a first layer for fewer columns": {f"{FIRST}.kernel": np.zeros((COLUMNS - 1, 5))},
    "layers that do not chain": {f"{MIDDLE}.kernel": np.zeros((4, 3))},
    "a bias of another length": {f"{MIDDLE}.bias": np.zeros(4)},
    "a bias for all units": {f"{MIDDLE}.bias": np.zeros(1)},
    "two units at the end": {f"{LAST}.kernel": np.zeros((3, 2)), f"{LAST}.bias": np.zeros(2)},
    "a kernel of three dimensions": {f"{LAST}.kernel": np.zeros((3, 1, 1))},
    "a NaN in a kernel": {f"{FIRST}.kernel": np.full((COLUMNS, 5), np.nan)},
    "a layer missing": {f"{MIDDLE}.kernel": None, f"{MIDDLE}.bias": None},
    "a bias missing": {f"{LAST}.bias": None},
    "a member far away": {"member.9.layer.0.kernel": np.zeros((COLUMNS, 1))},
    "a tensor that belongs to nothing": {"more": np.zeros(1)},
    "a number written in another way": {"member.0_1.layer.0.kernel": np.zeros((COLUMNS, 5))},
}


def test_the_tables_of_bad_tensors_are_made_for_this_model():
    assert len(_saved().model.preparation.columns) == COLUMNS


@pytest.mark.parametrize("what", LINEAR)
def test_coefficients_that_do_not_fit_are_refused(what, refusal):
    assert refusal(_weighed("linear", **LINEAR[what])).code == "M-INTEGRITY"


@pytest.mark.parametrize("what", NETWORK)
def test_layers_that_do_not_fit_are_refused(what, refusal):
    assert refusal(_weighed("network", **NETWORK[what])).code == "M-INTEGRITY"


def test_a_network_without_tensors_is_refused(refusal):
    members = _members(model_bytes(_saved("network")))
    assert refusal(_rehashed(members | {WEIGHTS: to_safetensors({})})).code == "M-INTEGRITY"


class Trap:
    """Pickled: code that runs when it is loaded."""

    sprung = False

    def __reduce__(self):
        return (setattr, (Trap, "sprung", True))


@pytest.mark.parametrize("member", MEMBERS)
def test_a_pickle_in_a_member_is_refused_and_never_runs(member, refusal, monkeypatch):
    monkeypatch.setattr(Trap, "sprung", False)
    payload = pickle.dumps(Trap())
    members = _members(model_bytes(_saved())) | {member: payload}
    content = _zipped(members.items()) if member == MANIFEST else _rehashed(members)
    assert refusal(content).code == "M-INTEGRITY"
    assert not Trap.sprung
    pickle.loads(payload)
    assert Trap.sprung


def test_a_file_that_is_not_there_and_one_that_may_not_be_read_are_told_apart(tmp_path, monkeypatch):
    for place in (tmp_path / "none.clinpred", tmp_path):
        with pytest.raises(InputRefused) as refused:
            load_model(place)
        assert refused.value.code == "E-NOT-FOUND"

    def forbidden(_path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.read_bytes", forbidden)
    with pytest.raises(ResourceRefused) as refused:
        load_model(tmp_path / "model.clinpred")
    assert refused.value.code == "R-PATH"
