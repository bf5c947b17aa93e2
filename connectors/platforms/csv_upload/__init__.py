"""What people hand us as files: datasets with their fields, profiles of sources, and how both are read."""
