"""Why a figure moved: exact ways to split a change into contributions, pure and in one place each."""
