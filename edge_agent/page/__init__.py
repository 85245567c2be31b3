"""The local page: what vendor and customer see of a scale in a browser beside it, with or without a broker."""
