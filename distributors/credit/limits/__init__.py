"""Receivables, limits, securities, holds and the credit check."""
