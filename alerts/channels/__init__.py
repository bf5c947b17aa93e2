"""Every channel a notice can go out by; a new one is a file here and a line below."""
