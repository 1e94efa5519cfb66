"""The model file that travels: plain data with hashes, saved, loaded and applied with NumPy and pandas alone."""
