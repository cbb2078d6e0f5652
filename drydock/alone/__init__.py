"""The hosting service by itself: a port of its own, S3 by its address, no other cloud."""
