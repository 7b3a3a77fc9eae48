"""Mechanisms, messages and facts that the musewise services share."""
