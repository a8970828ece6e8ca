# The throw-away databases of docker/compose.yaml: Debian's own servers, so that nothing but a Debian image is needed.
FROM debian:bookworm-slim
ARG DEBIAN_MIRROR=
RUN if [ -n "$DEBIAN_MIRROR" ]; then \
      rm -f /etc/apt/sources.list.d/*; echo "deb $DEBIAN_MIRROR bookworm main" >/etc/apt/sources.list; fi; \
    apt-get update -qq && mkdir -p /etc/postgresql-common && \
    echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf && \
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends postgresql-15 mariadb-server-core \
      mariadb-client-core >/dev/null && rm -rf /var/lib/apt/lists/* && \
    useradd --system --uid 10002 --user-group --home-dir /data --create-home database
COPY docker/start-postgres docker/start-mariadb /usr/local/bin/
USER 10002:10002
VOLUME /data
