"""From the bytes of a scale to one durable weighing, and from there to the service until it says: received."""
