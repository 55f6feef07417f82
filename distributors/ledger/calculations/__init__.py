"""Formulas over columns of facts: no database, no clock."""
