"""The work of pricing that runs in workers, a module per subject."""
