# A static binary on an empty image: no shell, no user but nobody, and nothing to
# write to but /data, so that the root may be read-only. There are two images:
# the usual one serves whoever runs it on standard input and output, and
# --target http serves over HTTP. Only that one has a port, and a health to check.
FROM --platform=$BUILDPLATFORM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG TARGETOS
ARG TARGETARCH
ARG VERSION=
RUN CGO_ENABLED=0 GOOS=${TARGETOS} GOARCH=${TARGETARCH} go build -trimpath -ldflags "-s -w -X flexie-mcp/internal/cli.release=${VERSION}" -o /flexie-mcp . && mkdir /data

FROM scratch AS base
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /flexie-mcp /flexie-mcp
COPY --from=build --chown=65534:65534 /data /data
# SQLite and others make their temporary files there as well: there is no /tmp.
ENV FLEXIE_STATE_DIR=/data TMPDIR=/data
ARG VERSION=
LABEL org.opencontainers.image.title="flexie-mcp" \
      org.opencontainers.image.description="An MCP server for Flexie CRM" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}"
USER 65534:65534
# The program is process 1, and ends in order at SIGTERM without an init.
STOPSIGNAL SIGTERM
ENTRYPOINT ["/flexie-mcp"]

FROM base AS http
EXPOSE 8080 9090
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s --retries=3 CMD ["/flexie-mcp", "healthcheck"]
CMD ["http", "--listen", "0.0.0.0:8080"]

FROM base AS stdio
