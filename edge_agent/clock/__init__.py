"""The machine's clock: what it says, whether it is believed, and how far it is off."""
