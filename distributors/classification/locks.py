"""The names of the locks that change classes one after another."""

IN_FORCE = "classification.in_force"
