"""The HTTP service of the working day: events in, decisions out.

`server.serve` runs it; `app.application` is the ASGI application over any `Desk`. The libraries
that it needs come with the extra ``serve``.
"""
