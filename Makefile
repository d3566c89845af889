# SPDX-License-Identifier: GPL-2.0
# The two commands are `make run` and `make test`; `make help` lists the rest.

FLAVOR ?=
export FLAVOR
OUT := $(CURDIR)/build/out$(if $(FLAVOR),-$(FLAVOR))

help:
	@sed -n 's/^## //p' $(firstword $(MAKEFILE_LIST))

## make kernel        build the kernel image (FLAVOR=debug: sanitizers and lock checking)
kernel: setup
	@series/kernel.sh

## make -s image      print the path of the built bzImage (builds nothing)
image:
	@echo $(OUT)/arch/x86/boot/bzImage

## make -s vmlinux    print the path of the built vmlinux (builds nothing)
vmlinux:
	@echo $(OUT)/vmlinux

## make setup         install the Debian packages that are missing
setup:
	@series/setup.sh base

## make sync          lay this tree over build/src, building nothing
sync:
	@series/sync.sh

## make clean         remove build/
clean:
	rm -rf build

.PHONY: help kernel image vmlinux setup sync clean
