"""Pure parsing shared by all price pages: text, money, units, tables, dates, names.

No network, no Scrapy machinery, no vendor: what only one page does belongs in its spider.
"""
