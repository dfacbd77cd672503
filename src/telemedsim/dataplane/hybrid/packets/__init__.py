"""Transfers by packets: TCP's two ends compiled, beside streams in the same lines."""
