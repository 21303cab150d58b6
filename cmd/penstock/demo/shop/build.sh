#!/bin/sh
set -e
mkdir -p out
cat greeting.txt > out/shop.txt
echo "built out/shop.txt of $PENSTOCK_COMMIT"
