"""What may have moved a client's figures: gathers what the checklist looks at, and tells its verdicts."""
