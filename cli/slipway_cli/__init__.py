"""The operator's command: release a model, see what is live and why, live with the local cloud."""
