"""One file per section of the report; each exposes `section`. Adding a file here adds a section."""
