"""Pages and API. Renders and routes; what is decided is decided in the folders below."""
