"""The worker: runs one task of the ESO pipeline and stores its products."""
