"""Simulated nights of MUSE: raw frames that ESO's pipeline reduces, and their truth."""
