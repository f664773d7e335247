"""One file per vendor: its pages and the pure reading of them. A new file here is all a vendor needs."""
