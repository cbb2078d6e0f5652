"""What Drydock itself costs."""
