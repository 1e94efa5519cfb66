"""Other kinds of exports to the same cells of text."""
