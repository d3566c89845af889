// SPDX-License-Identifier: GPL-2.0
/* Logs: the fixed and the rotating form against a plain string. */
#include "passes.h"

#define TEXT_MAX	250000

/* What was written, with everything that was taken back gone. */
struct model {
	char text[TEXT_MAX];
	u32 len;
	u32 max;
};

static struct model model;
static char user[TEXT_MAX];

static void model_write(struct bpf_verifier_log *log, u32 len)
{
	char piece[6000];
	u32 i;

	for (i = 0; i < len; i++)
		piece[i] = 'a' + test_random(26);
	piece[len] = 0;
	bpf_vlog_printf(log, "%s", piece);
	memcpy(model.text + model.len, piece, len);
	model.len += len;
	if (model.len > model.max)
		model.max = model.len;
}

/* Rewinds now and then, as the walk does on paths that went well. */
static void write_randomly(struct bpf_verifier_log *log, int total, bool rewinds)
{
	u32 longest = test_random(3) ? 100 : 5999, back = 0;

	model.len = 0;
	model.max = 0;
	while ((int)model.len < total) {
		model_write(log, test_random(longest) + 1);
		if (!rewinds || test_random(8))
			continue;
		if (test_random(2)) {
			back = bpf_vlog_pos(log);
		} else if (back < model.len) {
			bpf_vlog_rewind(log, back);
			model.len = back;
			total -= 50;
		}
	}
	if (rewinds && back < model.len && test_random(2)) {
		bpf_vlog_rewind(log, back);
		model.len = back;
	}
}

static void check_fixed(u32 size, int total, bool rewinds)
{
	struct bpf_verifier_log log;
	u32 true_size, shown;
	int err;

	CHECK(!bpf_vlog_init(&log, BPF_LOG_LEVEL2 | BPF_LOG_FIXED, user, size), "init");
	memset(user, '!', sizeof(user));
	write_randomly(&log, total, rewinds);
	err = bpf_vlog_finish(&log, &true_size);
	bpf_vlog_free(&log);
	shown = model.len < size ? model.len : size - 1;
	CHECK(err == (model.len < size ? 0 : -ENOSPC), "size %u len %u: %d", size, model.len, err);
	CHECK(true_size == model.max + 1, "true size %u, written %u", true_size, model.max);
	CHECK(!memcmp(user, model.text, shown) && !user[shown], "size %u len %u: text", size,
	      model.len);
	CHECK(user[size] == '!', "written past the end");
}

/*
 * The end of the text; what a full ring had to let go before a rewind does not come back, so with
 * rewinds the text may be shorter.
 */
static void check_rotating(u32 size, int total, bool rewinds)
{
	struct bpf_verifier_log log;
	u32 true_size, shown, want;
	int err;

	CHECK(!bpf_vlog_init(&log, BPF_LOG_LEVEL1, user, size), "init");
	memset(user, '!', sizeof(user));
	write_randomly(&log, total, rewinds);
	err = bpf_vlog_finish(&log, &true_size);
	bpf_vlog_free(&log);
	shown = strnlen(user, size);
	want = model.len < size ? model.len : size - 1;
	CHECK(!err, "size %u len %u: %d", size, model.len, err);
	CHECK(true_size == model.max + 1, "true size %u, written %u", true_size, model.max);
	CHECK(shown < size && shown <= want, "size %u: %u shown", size, shown);
	CHECK(shown == want || (rewinds && model.max >= size), "size %u len %u: %u shown", size,
	      model.len, shown);
	CHECK(!memcmp(user, model.text + model.len - shown, shown), "size %u len %u: text", size,
	      model.len);
	CHECK(user[size] == '!', "written past the end");
}

static void check_init(void)
{
	static const struct {
		u32 level;
		bool buf;
		u32 size;
		int err;
	} rows[] = {
		{ 0, false, 0, 0 }, { 0, true, 100, -EINVAL }, { 1, true, 0, -EINVAL },
		{ 1, false, 100, -EINVAL }, { 1, false, 0, 0 }, { 4, true, 100, 0 },
		{ 16, true, 100, -EINVAL }, { 15, true, 100, 0 }, { 1, true, 1U << 31, -EINVAL },
		{ 1, true, 1, 0 },
	};
	struct bpf_verifier_log log;
	u32 i;

	for (i = 0; i < ARRAY_SIZE(rows); i++) {
		CHECK(bpf_vlog_init(&log, rows[i].level, rows[i].buf ? user : NULL,
				    rows[i].size) == rows[i].err, "row %u", i);
		bpf_vlog_free(&log);
	}
}

/* Without a buffer the size is what is asked for, and nothing fails. */
static void check_size_only(void)
{
	struct bpf_verifier_log log;
	u32 true_size, level;

	for (level = 1; level <= 9; level += 8) {
		bpf_vlog_init(&log, level, NULL, 0);
		write_randomly(&log, 30000, false);
		CHECK(!bpf_vlog_finish(&log, &true_size), "no buffer");
		CHECK(true_size == model.max + 1, "true size %u", true_size);
		bpf_vlog_free(&log);
	}
}

void test_logs(void)
{
	static const u32 sizes[] = { 1, 2, 10, 100, 4096, 8191, 8192, 8193, 9000, 20000, 70000 };
	u32 i, k;

	check_init();
	check_size_only();
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		for (k = 0; k < 12; k++) {
			check_fixed(sizes[i], test_random(2 * sizes[i] + 50) + 1, k & 1);
			check_rotating(sizes[i], test_random(3 * sizes[i] + 50) + 1, k & 1);
		}
	}
}
