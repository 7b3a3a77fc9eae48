"""The instrument MUSE as versioned data."""
