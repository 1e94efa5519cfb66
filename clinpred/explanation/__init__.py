"""What a model leans on: descriptions of the model, never of causes."""
