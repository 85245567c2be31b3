"""Credit reports of a vendor, a market or the city: made as known at a moment, kept as issued, and verified later."""
