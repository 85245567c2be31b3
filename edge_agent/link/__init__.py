"""The link: one connection to a broker, what goes over it and when, and what is said of our health."""
