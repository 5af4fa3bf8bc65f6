#!/usr/bin/env bash
# Builds the archives of a release, each with both programs, and their checksums.
#
#   tools/release.sh v1.2.3 dist
set -euo pipefail

if [ $# -ne 2 ]; then
	echo "usage: $0 VERSION FOLDER" >&2
	exit 2
fi
version=$1
mkdir -p "$2"
out=$(cd "$2" && pwd)
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for platform in linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64; do
	os=${platform%/*} arch=${platform#*/}
	name=skylint_${version#v}_${os}_${arch}
	mkdir "$work/$name"
	cp LICENSE README.md "$work/$name/"
	CGO_ENABLED=0 GOOS=$os GOARCH=$arch go build -trimpath -buildvcs=true -ldflags '-s -w' -o "$work/$name/" ./cmd/skylint ./cmd/skyrun
	if [ "$os" = windows ]; then
		(cd "$work" && zip -qr "$out/$name.zip" "$name")
	else
		tar -C "$work" --owner=0 --group=0 --numeric-owner --sort=name -czf "$out/$name.tar.gz" "$name"
	fi
	echo "$name"
done
(cd "$out" && sha256sum skylint_* > SHA256SUMS)
