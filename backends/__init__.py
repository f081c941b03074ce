"""Built-in latency backends, found through entry points like anybody else's."""
