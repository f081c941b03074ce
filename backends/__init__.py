"""Built-in latency backends, found through entry points like those of any other pack."""
