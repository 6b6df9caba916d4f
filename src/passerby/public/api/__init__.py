"""The public API over HTTP: one file a resource. ``app.create_app`` puts them together."""
