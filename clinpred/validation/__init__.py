"""How a model will do on new patients."""
