"""Jianghe Power (江禾动力): an invented manufacturer with invented distributors and three years of invented sales.

It writes the records of several apps at once, which is why it stands on top of them.
"""
