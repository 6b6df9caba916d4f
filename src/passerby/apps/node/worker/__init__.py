"""A worker: the process that sees. It has no key, no store and no site; cameras are its threads."""
