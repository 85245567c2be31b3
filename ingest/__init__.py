"""MQTT → store → judge → raise, one transaction a batch; acknowledge after commit; quarantine what cannot be taken."""
