"""The watcher: a small program of its own that looks at the server from outside. ``fossawork watch`` starts it.

It needs the standard library and an HTTP client, and imports nothing else of the server: what would break the server must not
break the one who notices.
"""
