"""The product's settings with DEBUG off, and the bare views that are the floors of pages and REST."""

import os
import warnings

os.environ.setdefault("SECRET_KEY", "only-for-benchmarks-0c5f9e7ab1d24a6f")
os.environ["DEBUG"] = "0"
os.environ["SECURE"] = "0"
warnings.filterwarnings("ignore", "No directory at")
os.environ.setdefault("ALLOWED_HOSTS", "127.0.0.1,testserver")
os.environ.setdefault("LOG_LEVEL", "WARNING")
os.environ.setdefault("THROTTLE_TOKEN", "1000000/min")

from config.settings import *  # noqa: E402, F403
from config.settings import STORAGES  # noqa: E402

ROOT_URLCONF = "benchmarks.urls"
STORAGES = STORAGES | {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
