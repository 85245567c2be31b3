"""Portraits (画像): a vendor's figures beside those of the vendors of its market that sell the same."""
