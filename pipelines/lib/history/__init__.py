"""Listings kept as changes: what a source lists again and again, in logs that grow only where something changed.

`moments` groups captures, `listing` reads their bodies, `changes` takes one listing into the `logs`, `replay` goes back
where a capture came late, `sync` decides what is to be done. Nothing here knows what is listed; that says a `History`.
"""
