"""One class on many machines: which files are a shard's, what it leaves, and how all are joined."""
