"""Reads a Plan's interfaces and the flows that control opens, gives deliveries and records.

Invariant: no data plane knows a limit, a file or a workflow.
"""
