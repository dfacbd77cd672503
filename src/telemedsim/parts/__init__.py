"""One idea a file: its parameters and its behaviour together, below the model and the engine."""
