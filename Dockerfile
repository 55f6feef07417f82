# syntax=docker/dockerfile:1
FROM node:22-slim AS assets
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --omit=dev --no-audit --no-fund

FROM python:3.11-slim AS packages
RUN python -m venv /venv
COPY requirements.lock requirements-production.lock ./
RUN /venv/bin/pip install --no-cache-dir --require-hashes -r requirements-production.lock

FROM python:3.11-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 QUDAO_VAR=/var/lib/qudao
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin qudao \
    && install -d -o qudao -g qudao /app /var/lib/qudao /var/lib/qudao-inbox
WORKDIR /app
COPY --from=packages /venv /venv
COPY --from=assets /app/node_modules ./node_modules
COPY manage.py ./
COPY config ./config
COPY core ./core
COPY accounts ./accounts
COPY distributors ./distributors
COPY templates ./templates
COPY static ./static
COPY locale ./locale
RUN for po in locale/*/LC_MESSAGES/*.po; do \
        pybabel --quiet compile -i "$po" -o "${po%.po}.mo" -l "$(basename "$(dirname "$(dirname "$po")")")"; \
    done \
    && SECRET_KEY=only-to-collect-static-files SECURE=1 QUDAO_VAR=/tmp/qudao python manage.py collectstatic --noinput \
    && rm -rf /tmp/qudao
USER qudao
VOLUME /var/lib/qudao
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=4 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen(r.Request('http://127.0.0.1:8000/healthz', headers={'Host': __import__('os').environ['ALLOWED_HOSTS'].split(',')[0]}), timeout=4)"]
CMD ["sh", "-c", "exec gunicorn config.wsgi --bind 0.0.0.0:8000 --workers ${WEB_WORKERS:-3} --threads 4 --timeout 60 --keep-alive 10 --no-control-socket --access-logfile -"]
