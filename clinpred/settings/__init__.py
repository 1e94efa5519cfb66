"""The study protocol: what is decided before any data are seen."""
