"""A database and a broker where nothing is installed: what a demo, a test and a developer's machine run on."""
