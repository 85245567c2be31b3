"""The agent's configuration: one TOML file, checked whole, and the files it names."""
