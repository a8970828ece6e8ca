# The demo's chat application, on both databases through Sealrow.
FROM debian:bookworm-slim
ARG DEBIAN_MIRROR=
RUN if [ -n "$DEBIAN_MIRROR" ]; then \
      rm -f /etc/apt/sources.list.d/*; echo "deb $DEBIAN_MIRROR bookworm main" >/etc/apt/sources.list; fi; \
    apt-get update -qq && apt-get install -y -qq --no-install-recommends python3 python3-psycopg python3-pymysql >/dev/null && \
    rm -rf /var/lib/apt/lists/*
COPY demo /demo
COPY docker/chat_service.py /demo/
USER 65534:65534
CMD ["python3", "/demo/chat_service.py"]
