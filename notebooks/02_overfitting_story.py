# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # The overfitting story
# **Question.** A model is spot on with the patients it learnt from. Does it hold on new patients?
#
# **Answer.** Not by itself. Learnt from 200 patients, the unregularised twins rank their own patients almost perfectly
# and new ones poorly, with risks far too extreme; L2, dropout and early stopping give up the perfection in training and
# predict new patients better. With all 6,829 development patients the logistic twin recovers, the deep one does not.
#
# Data: SUPPORT, 9,105 seriously ill adults; outcome: death within 180 days. Run time: about a minute on two cores.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd

import clinpred
from clinpred.models.penalty_path import path_deviance
from clinpred.performance import auroc, calibration_slope, log_loss

TWINS = ("logistic_unpenalised", "logistic_ridge", "mlp_unregularised", "mlp_regularised")
DRAWS = 5

path, study = clinpred.sample_study()
cohort, _ = clinpred.assemble(clinpred.read_export(path), study)
partition = clinpred.hold_out_patients(cohort, study.partition.held_out, np.random.default_rng(study.seed))
print(f"{partition.development.n_patients:,} patients to learn from, {partition.held_out.n_patients:,} new ones")


# %% [markdown]
# ## The experiment
# Each model is developed by its whole procedure (preparation, tuning, fit) on the same patients, then scored twice: on
# those patients (*apparent*) and on the held-out ones (*new*). A calibration slope below 1 means risks too extreme.
# The apparent slope is left out on purpose: a penalised model's is above 1 by design and says nothing about new patients.


# %%
def ranking_and_loss(scored) -> dict[str, float]:
    """Return AUROC and log loss of scored patients."""
    loss = log_loss(scored.outcome, scored.risk, linear_predictor=scored.linear_predictor)
    return {"AUROC": auroc(scored.outcome, scored.risk), "log loss": loss}


def performance(model, development) -> dict[tuple[str, str], float]:
    """Return what a model shows on its development patients, and what on new ones."""
    apparent, new = clinpred.score(model, development), clinpred.score(model, partition.held_out)
    slope = calibration_slope(new.outcome, new.risk, linear_predictor=new.linear_predictor)
    return {
        **{("apparent", measure): value for measure, value in ranking_and_loss(apparent).items()},
        **{("new", measure): value for measure, value in ranking_and_loss(new).items()},
        ("new", "slope"): slope,
    }


def twins_of(development, seed: int) -> dict:
    """Develop the four models on some patients."""
    prepared = clinpred.prepare(development)
    return {name: clinpred.develop(name, prepared, seed=seed) for name in TWINS}


def table_of(twins: dict, development) -> pd.DataFrame:
    """Return one line a model."""
    return pd.DataFrame({name: performance(one.model, development) for name, one in twins.items()}).T


# %% [markdown]
# ## 200 patients
# Five draws of 200 patients; the same new patients judge all of them. Means over the draws:

# %%
rng = np.random.default_rng(study.seed)
some = [partition.development.take(rng.choice(partition.development.n_rows, 200, replace=False)) for _ in range(DRAWS)]
twins_of_some = [twins_of(development, seed) for seed, development in enumerate(some)]
few = sum(table_of(twins, development) for twins, development in zip(twins_of_some, some, strict=True)) / DRAWS
few.round(3)

# %% [markdown]
# ## All patients

# %%
twins_of_all = twins_of(partition.development, study.seed)
everyone = table_of(twins_of_all, partition.development)
everyone.round(3)


# %% [markdown]
# ## In one picture
# Open circles: the patients learnt from. Filled: new patients. The distance is what was learnt by heart.


# %%
def dumbbells(axes, table: pd.DataFrame, measure: str, title: str) -> None:
    """Draw apparent against new, one line a model."""
    for place, name in enumerate(reversed(table.index)):
        apparent, new = table.loc[name, ("apparent", measure)], table.loc[name, ("new", measure)]
        colour = "#B04A00" if name.endswith(("unpenalised", "unregularised")) else "#0072B2"
        axes.plot([apparent, new], [place, place], color=colour, lw=2)
        axes.plot(apparent, place, "o", mfc="white", mec=colour, ms=8)
        axes.plot(new, place, "o", color=colour, ms=8)
    axes.set_yticks(range(len(table)), [name.replace("_", " ") for name in reversed(table.index)])
    axes.set_xlabel(measure)
    axes.set_title(title, loc="left", fontsize=11)
    axes.grid(axis="x", color="#dddddd")
    axes.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)


figure, panels = plt.subplots(1, 2, figsize=(10, 2.8), sharey=True, sharex=True)
dumbbells(panels[0], few, "AUROC", "200 patients (mean of 5 draws)")
dumbbells(panels[1], everyone, "AUROC", "All 6,829 patients")
figure.tight_layout()

# %% [markdown]
# ## Where L2 finds its sweet spot
# For one draw of 200 patients: deviance per patient against penalty strength. On the patients learnt from, less penalty
# always looks better. For patients left out it does not, and the strength is chosen there. New patients agree.

# %%
ridge = twins_of_some[0]["logistic_ridge"]
penalty_path = ridge.estimator.path_
new_design = ridge.model.preparation.apply(partition.held_out.predictors)
new_deviance = path_deviance(penalty_path, new_design, partition.held_out.outcome)

figure, axes = plt.subplots(figsize=(6, 3.2))
axes.plot(penalty_path.strengths, penalty_path.apparent_deviance, "--", color="#57606a", label="apparent")
axes.plot(penalty_path.strengths, penalty_path.criterion, color="#0072B2", label="patients left out")
axes.plot(penalty_path.strengths, new_deviance, ":", color="#B04A00", label="new patients")
axes.axvline(penalty_path.strength, color="#0072B2", lw=1)
axes.set(xscale="log", xlabel="penalty strength λ", ylabel="deviance per patient", ylim=(0.6, 2))
axes.legend(frameon=False)
figure.tight_layout()

# %% [markdown]
# ## Where early stopping stops
# One network of the regularised MLP, from the search for its setting: three of five folds of all patients are learnt from,
# and their loss keeps falling; that of a fourth, the stopping patients, turns. The fifth fold chooses the setting, and the
# folds take turns. The final networks learn from everyone, for the median of the epochs at which the loss turned.

# %%
training = twins_of_all["mlp_regularised"].estimator.training_
best = min(training.grid, key=lambda setting: setting.log_loss)
chosen = (best.hidden, best.l2, best.dropout)
member = next(one for one in training.members if (one.hidden, one.l2, one.dropout) == chosen)
figure, axes = plt.subplots(figsize=(6, 3.2))
epochs = np.arange(1, len(member.learning) + 1)
axes.plot(epochs, member.learning, "--", color="#57606a", label="learning patients")
axes.plot(epochs, member.stopping, color="#0072B2", label="stopping patients")
axes.axvline(member.restored_epoch, color="#0072B2", lw=1)
axes.axvline(training.epochs, color="#57606a", lw=1, ls=":", label="epochs of the final networks")
axes.set(xlabel="epoch", ylabel="log loss")
axes.legend(frameon=False)
figure.tight_layout()

# %% [markdown]
# ## What to take home
# - Performance on the patients learnt from says nothing about new ones: look at the filled circles.
# - Ranking (AUROC) and the size of risks (slope) fail separately: an unregularised model may rank tolerably and still call
#   a 40 % risk 90 %.
# - With few patients regularisation decides; with thousands, a logistic model hardly needs it, a deep one still does.
# - The held-out patients come from the same hospitals and years: this is internal validation. Another hospital is another
#   question.

# %%
assert few[("new", "AUROC")]["logistic_ridge"] > few[("new", "AUROC")]["logistic_unpenalised"]
assert few[("new", "slope")]["mlp_unregularised"] < 0.5 < few[("new", "slope")]["mlp_regularised"]
assert everyone[("apparent", "AUROC")]["mlp_unregularised"] > 0.99 > everyone[("new", "AUROC")]["mlp_unregularised"]
