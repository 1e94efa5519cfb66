"""From an export to a checked cohort, and to development and held-out patients."""
