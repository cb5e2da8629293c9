#!/bin/sh
# An `httpd` that only leaves a line: what it would serve is a file.
echo "$*" >>"$WORLD/served"
