"""Why a client's figures moved between two periods: the domain reference's trees (§4) on its own data."""
