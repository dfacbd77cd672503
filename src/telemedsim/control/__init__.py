"""Reads a Plan, drives a data plane with SimPy processes, gives sessions and legs.

Invariant: events grow with sessions and their steps, never with packets.
"""
