"""The wire contract, version 1: topics, encoding, validation, the hash chain. Pure; shared by both ends."""
