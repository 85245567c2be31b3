"""What a scale speaks: found out by listening and by harmless questions, with the reasons."""
