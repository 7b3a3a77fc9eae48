"""The portal: web pages."""
