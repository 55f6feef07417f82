"""Kinds of records that files bring in: one declaration each; the machine that reads files knows none of them."""
