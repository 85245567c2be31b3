"""The register: who vendors are, where stalls are, what scales are, who had what when, and who changed and saw it."""
