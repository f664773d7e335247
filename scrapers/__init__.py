"""Web pages: a Scrapy project and pure parsing. No Dagster, no DuckDB, and never an import of `pipelines`."""

# The name under which every request of ours goes out, from spiders and from `pipelines.lib.http` alike.
USER_AGENT = "modelmarket/0.1 (open-model market record)"
