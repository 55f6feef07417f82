"""The 5C card: policies and their weights, evidence, scores, and the tab that shows how a grade was made."""
