"""Sixty networks (64-32, dropout .3, 8,000 x 50, 50 epochs) as a fleet, and by keras.fit one by one.

Run: python benchmarks/networks.py. Reach: 8 times as quick as keras.fit, compiling counted; stretch 14. Keras trains
two of the sixty, and is scaled. With a number, as many trainings by the fleet alone: for another accelerator.
"""

import sys
import time

import numpy as np
from penalised_data import cohort, publish, row, seconds
from threadpoolctl import threadpool_limits

from clinpred.models.fleet import train_fleet
from clinpred.models.fleet_settings import FleetSettings, Member, Split
from clinpred.models.keras_network import keras_on_jax
from clinpred.models.squadron import glorot

SHAPE, TRAININGS, BY_KERAS, EPOCHS, BATCH = (8_000, 50), 60, 2, 50, 256
HEAD = ["| what | clinpred, s | peer | peer, s | times quicker | reach, stretch |", "|---|---|---|---|---|---|"]


def fleet(predictors, outcome, count, epochs=EPOCHS):
    """Train so many networks: three settings of L2 strength, the rest seeds."""
    n, p = predictors.shape
    split = Split(np.ones(n), np.zeros(n), np.zeros(p), np.ones(p))
    members = [Member(seed, l2=10.0 ** -(2 + seed % 3), dropout=0.3) for seed in range(count)]
    settings = FleetSettings(epochs=epochs, batch=BATCH, watched="nothing")
    train_fleet(predictors, outcome, members=members, splits=[split], settings=settings)


def by_keras(predictors, outcome, seed):
    """Train one network by keras.fit."""
    keras = keras_on_jax()
    keras.utils.set_random_seed(seed)
    model = keras.Sequential([keras.Input((predictors.shape[1],))])
    for width in (64, 32):
        model.add(keras.layers.Dense(width, activation="relu", kernel_regularizer=keras.regularizers.L2(5e-4)))
        model.add(keras.layers.Dropout(0.3))
    model.add(keras.layers.Dense(1, activation="sigmoid"))
    model.compile("adam", "binary_crossentropy")
    model.fit(predictors.astype("float32"), outcome, batch_size=BATCH, epochs=EPOCHS, verbose=0)


def products(predictors):
    """Return the seconds that NumPy takes on one core for the matrix products of all trainings."""
    batch = predictors[:BATCH].astype("float32")
    kernels = glorot(0, (predictors.shape[1], 64, 32, 1))
    signals = [batch]
    for kernel in kernels:
        signals.append(signals[-1] @ kernel)

    def step():
        for place, (before, kernel, after) in enumerate(zip(signals[:-1], kernels, signals[1:], strict=True)):
            before @ kernel  # forth
            before.T @ after  # the slope of the kernel
            before @ kernel  # the losses after each epoch
            if place:
                after @ kernel.T  # back

    again = 2_000
    with threadpool_limits(1):
        one = seconds(lambda: [step() for _ in range(again)], 2) / again
    return one * TRAININGS * EPOCHS * (SHAPE[0] / BATCH)


def main():
    """Print and keep the table, or the time of many trainings."""
    predictors, outcome = cohort(*SHAPE)
    if len(sys.argv) > 1:
        taken = seconds(lambda: fleet(predictors, outcome, int(sys.argv[1])))
        print(f"{int(sys.argv[1])} trainings: {taken:.1f} s")
        return
    keras_on_jax()
    start = time.perf_counter()
    fleet(predictors, outcome, TRAININGS, epochs=1)
    first = time.perf_counter() - start
    one_epoch = seconds(lambda: fleet(predictors, outcome, TRAININGS, epochs=1))
    taken = seconds(lambda: fleet(predictors, outcome, TRAININGS)) + first - one_epoch
    theirs = [seconds(lambda seed=seed: by_keras(predictors, outcome, seed)) for seed in range(BY_KERAS)]
    n, p = SHAPE
    what = f"{TRAININGS} networks 64-32, {n:,} x {p}, {EPOCHS} epochs"
    peer = f"keras.fit, one by one ({BY_KERAS} run, scaled)"
    note = (
        f"Compiling took {first - one_epoch:.1f} s of it (counted). The matrix products alone take NumPy "
        f"{products(predictors):.1f} s on one core."
    )
    publish("Networks", [*HEAD, row(what, taken, peer, np.mean(theirs) * TRAININGS, "8, 14"), "", note])


if __name__ == "__main__":
    main()
