"""What becomes of columns that identify a patient."""

from typing import Literal

from pydantic import Field

from clinpred.settings.frozen import Frozen


class Privacy(Frozen):
    """Columns removed as soon as they are read, columns that may stay though they identify, and columns made coarse.

    ``allow`` gives the reason for each column, which is kept in the run's record; ``coarsen`` cuts postcodes to their
    first three signs.
    """

    drop: tuple[str, ...] = ()
    allow: dict[str, str] = Field(default_factory=dict)
    coarsen: dict[str, Literal["zip3"]] = Field(default_factory=dict)
