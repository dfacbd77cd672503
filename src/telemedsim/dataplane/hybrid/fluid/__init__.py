"""Transfers as a fluid: max-min fair rates under class schedulers, capped by what TCP can do."""
