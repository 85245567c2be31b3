"""`steelyard conform`: does a device, or somebody's agent, keep to the wire contract? Statement by statement."""
