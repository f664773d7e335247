"""Settings of the Scrapy project: polite, named, bounded, and quick to notice that there is no network.

What a limit is for stands beside it; how requests behave beyond settings is in `scrapers/politeness.py`.
"""

from scrapers import USER_AGENT as USER_AGENT

SPIDER_MODULES = ["scrapers.spiders"]
ITEM_PIPELINES = {"scrapers.crawl.SavePages": 300}

ROBOTSTXT_OBEY = True
DOWNLOAD_DELAY = 1
CONCURRENT_REQUESTS_PER_DOMAIN = 1
COOKIES_ENABLED = False
REFERRER_POLICY = "no-referrer"

# Nothing listens: no console, no remote control.
TELNETCONSOLE_ENABLED = False
REMOTE_CONTROL_ENABLED = False

# Prices are only worth what the connection is: Scrapy does not verify certificates by default.
DOWNLOAD_VERIFY_CERTIFICATES = True
# The largest price page we know has 1.3 MB; the limit holds before and after decompression.
DOWNLOAD_MAXSIZE = 20_000_000
DOWNLOAD_TIMEOUT = 30
DNS_TIMEOUT = 3
REDIRECT_MAX_TIMES = 5
METAREFRESH_ENABLED = False

# No name, no route and a refused connection do not heal within seconds, so they are not retried.
RETRY_TIMES = 2
RETRY_HTTP_CODES = [408, 429, 500, 502, 503, 504]
RETRY_EXCEPTIONS = [
    "scrapy.exceptions.DownloadFailedError",
    "scrapy.exceptions.DownloadTimeoutError",
    "scrapy.exceptions.ResponseDataLossError",
]
# A page that did not come is counted as such; an error in the log is an error of ours.
RETRY_GIVE_UP_LOG_LEVEL = "WARNING"

DOWNLOADER_MIDDLEWARES = {
    "scrapy.downloadermiddlewares.offsite.OffsiteMiddleware": None,
    "scrapers.politeness.StayOnHost": 50,
    "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": None,
    "scrapers.politeness.SharedRules": 100,
    "scrapy.downloadermiddlewares.retry.RetryMiddleware": None,
    "scrapers.politeness.RetryWhenAsked": 550,
    "scrapers.politeness.RobotsAnswers": 560,
}
EXTENSIONS = {
    "scrapy.extensions.logcount.LogCount": None,
    "scrapers.politeness.OwnLogCount": 0,
}

LOG_LEVEL = "WARNING"
