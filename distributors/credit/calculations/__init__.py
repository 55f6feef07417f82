"""The calculations of credit: weights by comparison in pairs, the 5C card, limits and holds, and days outstanding."""
