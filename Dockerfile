# A static binary on an empty image: no shell, no other user than nobody, and one
# directory to write to, /data, for a volume.
FROM golang:1.26 AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
ARG VERSION=
RUN CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X flexie-mcp/internal/cli.release=${VERSION}" -o /flexie-mcp . && mkdir /data

FROM scratch
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /flexie-mcp /flexie-mcp
COPY --from=build --chown=65534:65534 /data /data
ENV FLEXIE_STATE_DIR=/data
USER 65534:65534
ENTRYPOINT ["/flexie-mcp"]
