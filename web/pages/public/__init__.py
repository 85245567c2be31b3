"""Pages for anybody: no sign-in, no personal data, limited, and never kept by caches or search engines."""
