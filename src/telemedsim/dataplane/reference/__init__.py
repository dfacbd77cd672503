"""The reference data plane: every packet is events in SimPy, queues and TCP are real and plain."""
