"""The bars of the design, measured: ours against a stated floor in the same run, or growth between two sizes."""
