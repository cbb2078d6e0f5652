"""What maintainers run by hand; nothing of it ships."""
