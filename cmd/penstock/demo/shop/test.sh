#!/bin/sh
# The shop greets its customers, or it does not open.
grep -qi "hello" greeting.txt && echo "ok: the shop says hello"
