"""Pages about inspections: what may be checked, whom a draw chose, visits and what came of them."""
