"""Bytes of a text export to cells: container, encoding, dialect, layout, header."""
