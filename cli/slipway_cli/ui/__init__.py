"""The local page: what is live, what is under way, how the last releases went. It only reads."""
