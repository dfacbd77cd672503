"""Reads saved tables (records.schema) and nothing else; gives terminal tables and figures."""
