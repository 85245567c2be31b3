"""Scales that do not exist, one file a protocol: each answers and sends as the device does, written after its manual
and apart from the driver that reads it."""
