"""Measures the product beside a reference in the same run, since machines differ and drift: only ratios travel."""
