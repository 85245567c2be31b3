"""Files that were uploaded: their bytes may name persons, and go when the policy says."""
