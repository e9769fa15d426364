"""Models, losses, optimiser, stages and export of the bundled model (PyTorch, CPU only)."""
