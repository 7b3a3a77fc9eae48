"""The storage gateway: the bytes of a site and their inventory."""
