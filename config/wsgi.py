"""The WSGI entry that gunicorn serves."""

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()
len(get_resolver().url_patterns)  # every page is imported before the first request, not by several threads at once
gc.collect()
gc.freeze()  # what stays for good is not looked through again and again: a tenth of a list's time
