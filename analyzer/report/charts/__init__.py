"""Charts of angles over time: interactive (Plotly) and static (Matplotlib)."""
