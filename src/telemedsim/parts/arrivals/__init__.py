"""When work arrives over the day."""
