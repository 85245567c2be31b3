"""The register: vendors, stalls and scales, what is changed about them, and the files it is filled from."""
