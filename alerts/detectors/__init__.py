"""Every detector; a new one is a file here and a line below."""
