"""The publicity list: which penalties are told in public, for how long, and how they come off."""
