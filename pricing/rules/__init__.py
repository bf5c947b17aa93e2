"""The rule language: what a rule set may say, and every action and limit it knows."""
