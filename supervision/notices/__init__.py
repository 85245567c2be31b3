"""Who is told of what, when and how: decisions, and the shells of the channels."""
