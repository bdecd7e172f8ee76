"""Charts as PNG, drawn by matplotlib without a screen.

Nothing here imports matplotlib before the first chart: it takes half a second.
"""
