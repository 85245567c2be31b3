"""Keeping the register: what people and files say of vendors, stalls and scales, and what may be changed how."""
