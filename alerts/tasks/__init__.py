"""The work of alerts that runs in workers, a module per subject."""
