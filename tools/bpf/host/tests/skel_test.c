// SPDX-License-Identifier: GPL-2.0
/*
 * An ordinary libbpf client: a skeleton with global data and a ring buffer. Knows nothing of the
 * host home.
 */
#include <stdio.h>
#include <string.h>
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include "obj.skel.h"

static int seen, last;

static int on_event(void *ctx, void *data, size_t size)
{
	seen++;
	memcpy(&last, data, sizeof(last));
	return 0;
}

int main(void)
{
	LIBBPF_OPTS(bpf_test_run_opts, opts);
	struct ring_buffer *rb;
	unsigned char packet[64] = { 4 }, out[64];
	struct obj *skel;
	int bad = 0, key = 1;
	long value = 0;

	skel = obj__open();
	if (!skel)
		return 1;
	skel->data->total = 100;
	if (obj__load(skel))
		return 1;
	rb = ring_buffer__new(bpf_map__fd(skel->maps.events), on_event, NULL, NULL);
	if (!rb)
		return 1;
	opts.data_in = packet;
	opts.data_size_in = sizeof(packet);
	opts.data_out = out;
	opts.data_size_out = sizeof(out);
	opts.repeat = 3;
	if (bpf_prog_test_run_opts(bpf_program__fd(skel->progs.count), &opts))
		return 1;
	bad += opts.retval != 2;
	bad += skel->data->total != 103;
	bad += bpf_map_lookup_elem(bpf_map__fd(skel->maps.counts), &key, &value) || value != 3;
	bad += ring_buffer__poll(rb, 1000) != 3 || seen != 3 || last != 103;
	bad += ring_buffer__poll(rb, 0) != 0;
	ring_buffer__free(rb);
	obj__destroy(skel);
	printf("bad %d total ok, %ld counted, %d events\n", bad, value, seen);
	return bad;
}
