"""What people put on record of a vendor, by the rules that allow it."""
