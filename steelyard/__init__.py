"""The command line, the settings, and the embedded stack that starts everything on one machine."""
