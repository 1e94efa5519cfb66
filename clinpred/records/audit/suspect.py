"""A column that may identify patients."""

from dataclasses import dataclass
from typing import Literal

IDENTIFIER: Literal["P-IDENTIFIER"] = "P-IDENTIFIER"
GEOGRAPHY: Literal["P-GEO"] = "P-GEO"


@dataclass(frozen=True)
class Suspect:
    """A column that may identify patients, and why. The evidence is words and counts, never a value.

    Parameters
    ----------
    column : str
        The column's name.
    code : {"P-IDENTIFIER", "P-GEO"}
        Whether it identifies by itself, or says where patients live more closely than a state or region does.
    kind : str
        What it seems to be, such as "phone number" or "postcode".
    evidence : str
        How that was seen.
    """

    column: str
    code: Literal["P-IDENTIFIER", "P-GEO"]
    kind: str
    evidence: str
