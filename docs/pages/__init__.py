"""The pages of ``docs/`` that are made from the model, one module each."""
