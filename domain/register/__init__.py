"""Who and what is registered: the codes they go by, the records, and which of it is personal."""
