"""Models behind litellm: any OpenAI-compatible server and the providers it knows by name.

Nothing here imports litellm before the first call: it takes seconds.
"""
