"""Cells of text to typed columns: numbers, dates, missing words, units, categories."""
