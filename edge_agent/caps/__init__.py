"""Before the sale: the market's caps as the agent holds them, and the warning of a price above one."""
