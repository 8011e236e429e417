#!/bin/sh
# Runs a Postgres of its own, in a new directory and on a Unix socket, for as long
# as the process $1 lives, and says its address. Further arguments go to Postgres.
# Where there is none to be had it says so, and ends with 77.
set -eu
owner=$1
shift

bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1)
: "${bin:=$(dirname "$(command -v initdb || echo /)")}"
if [ ! -x "$bin/initdb" ]; then
	echo "Postgres is not installed: on Debian, apt-get install -y postgresql"
	exit 77
fi

dir=$(mktemp -d /tmp/flexie-pg.XXXXXX) # short, as the path of a socket has to be
as=
if [ "$(id -u)" = 0 ]; then # which Postgres refuses to run as
	chown postgres "$dir"
	as="runuser -u postgres --"
fi
cd "$dir"
$as "$bin/initdb" -D data -U flexie -A trust -E UTF8 --locale=C.UTF-8 --no-sync >log 2>&1 &&
	$as "$bin/pg_ctl" -D data -w -l "$dir/server.log" -o "-k $dir -c listen_addresses= $*" start >>log 2>&1 </dev/null || {
	cat log
	rm -rf "$dir"
	exit 1
}
(
	trap '' INT HUP
	while kill -0 "$owner"; do sleep 1; done
	$as "$bin/pg_ctl" -D data -w -m immediate stop
	rm -rf "$dir"
) </dev/null >/dev/null 2>&1 &
echo "postgres://flexie@/postgres?host=$dir"
