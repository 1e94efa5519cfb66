"""What an analyst must know of a table before anything is learnt from it."""
