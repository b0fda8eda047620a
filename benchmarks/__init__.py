"""What has to be fast, timed: ``make bench``."""
