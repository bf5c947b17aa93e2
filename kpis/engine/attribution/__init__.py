"""What may have moved a store's figures: a checklist of causes, each judged by evidence. Pure."""
