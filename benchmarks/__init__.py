"""Programs that show speed and memory as ratios inside one run, each with a control that must fail."""
