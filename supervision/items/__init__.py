"""The catalogue of supervision items (监管事项清单): read, compared, merged, kept in versions."""
