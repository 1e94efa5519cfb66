"""From columns to a design matrix, learnt on development patients only."""
