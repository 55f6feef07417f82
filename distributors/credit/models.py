"""The models of both parts of credit: `cards` and `limits`."""
