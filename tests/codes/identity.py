"""Columns that identify patients, and what the analyst decides of them."""

import numpy as np
from codes_situations import BASE, Situation, audited, checked, generator, with_columns

identifiers = generator("identifiers")
N_ROWS = len(BASE["died"])


def drawn(kind):
    rng = np.random.default_rng(2)
    return [identifiers.MARKED[kind].draw(rng) for _ in range(N_ROWS)]


def alike(name):
    rng = np.random.default_rng(2)
    return [identifiers.LOOK_ALIKES[name](rng, row) for row in range(N_ROWS)]


NAMED = with_columns(surname=drawn("family_name"))
PLACED = with_columns(postcode=drawn("postcode_british"))
ALLOWED = {"privacy": {"allow": {"surname": "the board agreed"}}}
DROPPED = {"privacy": {"drop": ["surname"]}}
COARSENED = {"privacy": {"coarsen": {"postcode": "zip3"}}}
SEXES = np.array(["f", "m"], dtype=object)[np.arange(N_ROWS) % 2]
ADULT = np.clip(np.round(BASE["age"]), 18, 89)

FIRES = {
    "E-COARSEN": Situation(
        checked(with_columns(postcode=["north, of the river"] * N_ROWS), **COARSENED), checked(PLACED, **COARSENED)
    ),
    "E-PRIVACY": Situation(checked(NAMED, privacy=DROPPED["privacy"] | ALLOWED["privacy"]), checked(NAMED, **DROPPED)),
    "P-GEO": Situation(checked(PLACED), checked(with_columns(postcode_area=alike("postcode_area")))),
    "P-IDENTIFIER": Situation(checked(NAMED), checked(with_columns(surname_match=alike("surname_match")))),
    "W-AGE-90": Situation(
        checked(with_columns(age=np.where(np.arange(N_ROWS) == 5, 90, ADULT))), checked(with_columns(age=ADULT))
    ),
    "W-COARSENED": Situation(
        checked(PLACED, **COARSENED), checked(PLACED, privacy={"allow": {"postcode": "the board agreed"}})
    ),
    "W-DROPPED": Situation(checked(NAMED, **DROPPED), checked(NAMED, **ALLOWED)),
    "W-IDENTIFIER-ALLOWED": Situation(audited(NAMED, **ALLOWED), audited(NAMED, **DROPPED)),
    "W-K-ANON": Situation(
        checked(with_columns(sex=SEXES, age=np.where(np.arange(N_ROWS) < 7, 70, 60))),
        checked(with_columns(sex=SEXES, age=np.where(np.arange(N_ROWS) < 16, 70, 60))),
    ),
}
